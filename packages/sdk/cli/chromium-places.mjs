import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const START_TIMEOUT_MS = 30_000;

/** Where Chrome and Chromium are put on this system. @returns {readonly string[]} paths of executables */
export function usualPlaces() {
  const { platform, env } = process;
  if (platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ];
  }
  if (platform === 'win32') {
    return [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']]
      .filter((folder) => folder !== undefined)
      .map((folder) => `${folder}\\Google\\Chrome\\Application\\chrome.exe`);
  }
  return [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ];
}

/**
 * Not every file in the usual places is a browser: Ubuntu's chromium-browser is a stub that only tells
 * of its snap.
 *
 * @param {string} path
 * @returns {Promise<string | undefined>} what is wrong with the executable, as in `It …`; none: it starts
 */
export async function troubleWith(path) {
  if (!existsSync(path)) return 'does not exist';
  if (process.platform === 'win32') return undefined; // chrome.exe opens a window for --version
  try {
    await promisify(execFile)(path, ['--version'], { timeout: START_TIMEOUT_MS });
    return undefined;
  } catch {
    return 'does not start (`--version` failed)';
  }
}

/** @param {readonly string[]} places @returns {Promise<string | undefined>} the first that starts */
export async function firstWorking(places) {
  for (const place of places) if ((await troubleWith(place)) === undefined) return place;
  return undefined;
}
