import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { firstWorking } from '../../packages/sdk/cli/chromium-places.mjs';
import { aptInstall } from './apt.mjs';
import { Explained } from './log.mjs';
import { namedBrowser } from './named-browser.mjs';

const USUAL_PLACES = {
  linux: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/usr/lib/firefox/firefox'],
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: [`${process.env.PROGRAMFILES}\\Mozilla Firefox\\firefox.exe`],
};

/** A screen and a graphics driver in software: headless Firefox has no WebGL on Linux. */
const XVFB = '/usr/bin/Xvfb';
const PACKAGES = ['firefox-esr', 'xvfb', 'libgl1-mesa-dri', 'libegl1', 'libgl1', 'libpci3'];

/**
 * Preferences of every run: none of the browser's own pages and network traffic.
 *
 * @type {Record<string, unknown>}
 */
const QUIET = {
  'app.normandy.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#',
  'termsofuse.bypassNotification': true,
};

/** What gives Firefox a camera that shows moving colours, and a person who allows it. */
export const FAKE_CAMERA = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
};

/**
 * Finds a Firefox that starts, by FIREFOX_PATH or in the usual places, or installs Debian's.
 *
 * @returns {Promise<string>} path of the executable
 * @throws {Explained} none found and none could be installed
 */
export async function ensureFirefox() {
  const found = await findFirefox();
  if (found) return found;
  await aptInstall(PACKAGES, 'Firefox');
  const installed = await findFirefox();
  if (installed) return installed;
  throw new Explained(
    'No Firefox was found that works here, and none could be installed. Install Firefox ' +
      `(Debian: apt-get install ${PACKAGES.join(' ')}), or set FIREFOX_PATH to its executable, ` +
      'and run the command again.',
  );
}

/** @returns {Promise<string | undefined>} on Linux undefined too where the screen is missing */
async function findFirefox() {
  if (process.platform === 'linux' && !existsSync(XVFB)) return undefined;
  const named = await namedBrowser('FIREFOX_PATH', 'Firefox');
  if (named) return named;
  const places = USUAL_PLACES[/** @type {keyof typeof USUAL_PLACES} */ (process.platform)] ?? [];
  return firstWorking(places);
}

/**
 * Opens a page in a Firefox of its own. Nobody drives it: the page tells its server what it saw. (Driven by
 * WebDriver BiDi, Firefox 153 loses now and then a worker that a worker starts, as threads of WebAssembly do.)
 *
 * @param {string} url
 * @param {Record<string, unknown>} [preferences] as about:config has them
 * @returns {Promise<{ close: () => Promise<void> }>}
 * @throws {Explained} there is no Firefox and none could be installed
 */
export async function openFirefox(url, preferences = {}) {
  const executable = await ensureFirefox();
  const profile = mkdtempSync(join(tmpdir(), 'emotion-cam-firefox-profile-'));
  const lines = Object.entries({ ...QUIET, ...preferences }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const screen = process.platform === 'linux' ? await openScreen() : undefined;
  const args = ['--no-remote', ...(screen ? [] : ['--headless']), '--profile', profile, url];
  const firefox = spawn(executable, args, {
    stdio: 'ignore',
    env: { ...process.env, ...(screen && { DISPLAY: screen.display }) },
  });
  const ended = once(firefox, 'exit');
  return {
    close: async () => {
      firefox.kill();
      await ended;
      screen?.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** @returns {Promise<{ display: string, close: () => void }>} a screen that nobody sees */
async function openScreen() {
  const xvfb = spawn(
    XVFB,
    ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const ended = once(xvfb, 'exit').then(([code]) => {
    throw new Explained(`${XVFB} ended with exit code ${code} instead of opening a screen.`);
  });
  ended.catch(() => undefined); // it ends in the end
  const [number] = await Promise.race([once(createInterface(xvfb.stdout), 'line'), ended]);
  return { display: `:${number}`, close: () => void xvfb.kill() };
}
