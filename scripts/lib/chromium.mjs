import { existsSync } from 'node:fs';
import { Explained, say, step } from './log.mjs';
import { run, runTool } from './run.mjs';

/**
 * What every headless run of ours passes: no sandbox (containers run as root) and none of the
 * browser's own network traffic.
 */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--no-first-run',
  '--no-pings',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
];

/** WebGPU on the CPU: a correct adapter, and so slow (seconds a frame) that it proves and never times. */
export const SWIFTSHADER_ARGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

const USUAL_PLACES = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env['PROGRAMFILES(X86)']}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
  ],
};

/**
 * Finds a Chrome or Chromium that starts, without installing anything: CHROME_PATH, the usual places,
 * an earlier download of Playwright's.
 *
 * @param {readonly string[]} [places] where to look; default: the usual places of this system
 * @returns {Promise<string | undefined>} path of the executable
 * @throws {Explained} CHROME_PATH is set to something that does not exist or does not start
 */
export async function findChromium(
  places = USUAL_PLACES[/** @type {keyof typeof USUAL_PLACES} */ (process.platform)] ?? [],
) {
  const wanted = process.env.CHROME_PATH;
  if (wanted) {
    if (await isWorking(wanted)) return wanted;
    const trouble = existsSync(wanted) ? 'does not start (`--version` failed)' : 'does not exist';
    throw new Explained(
      `CHROME_PATH is ${wanted}, which ${trouble}. Set it to the executable of Chrome or Chromium, or unset it.`,
    );
  }
  for (const place of places) if (await isWorking(place)) return place;
  return findPlaywrightDownload();
}

/**
 * Not every file in the usual places is a browser: Ubuntu's chromium-browser is a stub that only tells
 * of its snap.
 *
 * @param {string} path
 */
async function isWorking(path) {
  if (!existsSync(path)) return false;
  if (process.platform === 'win32') return true; // chrome.exe opens a window for --version
  try {
    const { code } = await run(path, ['--version'], { quiet: true, timeoutMs: 30_000 });
    return code === 0;
  } catch {
    return false; // not an executable
  }
}

async function findPlaywrightDownload() {
  try {
    const { chromium } = await import('playwright');
    const path = chromium.executablePath();
    return (await isWorking(path)) ? path : undefined;
  } catch {
    return undefined; // Playwright has no build for this system, or is not installed yet
  }
}

/**
 * Finds a Chrome or Chromium, or installs one: Playwright's download, else Debian's package.
 *
 * @returns {Promise<string>} path of an executable that starts
 * @throws {Explained} none found and none could be installed
 */
export async function ensureChromium() {
  const found = await findChromium();
  if (found) return found;
  const isRoot = process.getuid?.() === 0;
  const downloaded = await download(isRoot);
  if (downloaded) return downloaded;
  if (process.platform === 'linux' && isRoot && existsSync('/usr/bin/apt-get')) {
    step('Installing Chromium with apt-get');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env });
    const installed = await findChromium();
    if (installed) return installed;
  }
  throw new Explained(
    'No Chrome or Chromium was found and none could be installed. Install Google Chrome or Chromium, ' +
      'or set CHROME_PATH to its executable, and run the command again.',
  );
}

/** @param {boolean} isRoot @returns {Promise<string | undefined>} */
async function download(isRoot) {
  step('Downloading Chromium with Playwright');
  const dependencies = isRoot && existsSync('/usr/bin/apt-get') ? ['--with-deps'] : [];
  await runTool('playwright/cli.js', ['install', ...dependencies, '--no-shell', 'chromium']);
  const path = await findPlaywrightDownload();
  if (!path) say('  There is no download that starts here; trying another way');
  return path;
}
