import { existsSync } from 'node:fs';
import { firstWorking, usualPlaces } from '../../packages/sdk/cli/chromium-places.mjs';
import { aptInstall } from './apt.mjs';
import { Explained, say, step } from './log.mjs';
import { namedBrowser } from './named-browser.mjs';
import { runTool } from './run.mjs';

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

/**
 * The same, and everything else that a graphics card does is done by SwiftShader too. Only so does Chromium
 * hand frames of videos over to WebGPU without one.
 */
export const SWIFTSHADER_FRAMES_ARGS = [
  ...SWIFTSHADER_ARGS,
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--disable-vulkan-surface',
];

/**
 * Finds a Chrome or Chromium that starts, without installing anything: CHROME_PATH, the usual places,
 * an earlier download of Playwright's.
 *
 * @param {readonly string[]} [places] where to look; default: the usual places of this system
 * @returns {Promise<string | undefined>} path of the executable
 * @throws {Explained} CHROME_PATH is set to something that does not exist or does not start
 */
export async function findChromium(places = usualPlaces()) {
  const named = await namedBrowser('CHROME_PATH', 'Chrome or Chromium');
  if (named) return named;
  return (await firstWorking(places)) ?? findPlaywrightDownload();
}

async function findPlaywrightDownload() {
  try {
    const { chromium } = await import('playwright');
    const path = chromium.executablePath();
    return await firstWorking([path]);
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
  const downloaded = await download();
  if (downloaded) return downloaded;
  await aptInstall(['chromium'], 'Chromium');
  const installed = await findChromium();
  if (installed) return installed;
  throw new Explained(
    'No Chrome or Chromium was found and none could be installed. Install Google Chrome or Chromium, ' +
      'or set CHROME_PATH to its executable, and run the command again.',
  );
}

/** @returns {Promise<string | undefined>} */
async function download() {
  step('Downloading Chromium with Playwright');
  const isRoot = process.getuid?.() === 0;
  const dependencies = isRoot && existsSync('/usr/bin/apt-get') ? ['--with-deps'] : [];
  await runTool('playwright/cli.js', ['install', ...dependencies, '--no-shell', 'chromium']);
  const path = await findPlaywrightDownload();
  if (!path) say('  There is no download that starts here; trying another way');
  return path;
}
