import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { firstWorking, troubleWith, usualPlaces } from './chromium-places.mjs';
import { CliError, EXIT } from './cli-error.js';

const INSTALL =
  'Install Google Chrome (https://www.google.com/chrome) or Chromium (Debian: apt install chromium; ' +
  'macOS: brew install --cask chromium), or name an executable by --chromium PATH or CHROME_PATH.';

/** Of what the browser said last, when it ends without being asked to. */
const LAST_WORDS = 800;

const ARGS: readonly string[] = [
  '--headless=new',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-proxy-server',
  '--no-pings',
  '--mute-audio',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--password-store=basic',
  '--use-mock-keychain',
  '--enable-unsafe-swiftshader', // the face detector needs WebGL, on machines without a graphics card too
];

/** Linux has WebGPU behind these. */
const WEBGPU_ARGS: readonly string[] = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];

/**
 * Finds a Chrome or Chromium that starts.
 *
 * @param wanted - `--chromium`; it goes before `CHROME_PATH` and the usual places
 * @throws {CliError} there is none
 */
export async function findChromium(wanted: string | undefined): Promise<string> {
  const named = wanted ?? process.env['CHROME_PATH'];
  if (named !== undefined && named !== '') {
    const trouble = await troubleWith(named);
    if (trouble === undefined) return named;
    const option = wanted === undefined ? 'CHROME_PATH' : '--chromium';
    throw new CliError(EXIT.noChromium, `${option} is ${named}, which ${trouble}. ${INSTALL}`);
  }
  const found = await firstWorking(usualPlaces());
  if (found !== undefined) return found;
  const places = usualPlaces().join(', ');
  throw new CliError(
    EXIT.noChromium,
    `No Chrome or Chromium was found in the usual places (${places}). ${INSTALL}`,
  );
}

export interface ChromiumOptions {
  readonly executable: string;
  readonly url: string;
  readonly usesWebGpu: boolean;
  /** Of the browser. Default: on, but for root, for whom there is none. */
  readonly isSandboxed: boolean;
  /** It ended without having been asked to. */
  readonly onEnd: (error: CliError) => void;
}

/**
 * Opens a page in a headless Chromium with a profile of its own.
 *
 * @returns ends it and removes the profile; synchronous, so that it works while the process exits
 */
export function openInChromium(options: ChromiumOptions): () => void {
  const { executable, url, usesWebGpu, isSandboxed, onEnd } = options;
  const profile = mkdtempSync(join(tmpdir(), 'emotion-cam-chromium-'));
  const args = [
    ...ARGS,
    ...(usesWebGpu ? WEBGPU_ARGS : []),
    ...(isSandboxed && process.getuid?.() !== 0 ? [] : ['--no-sandbox']),
    `--user-data-dir=${profile}`,
    url,
  ];
  // A group of its own: Ctrl-C on a terminal is for us, who ask the page for what it has.
  const child = spawn(executable, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (words: string) => {
    lastWords = (lastWords + words).slice(-LAST_WORDS);
  });
  let isClosed = false;
  const handleEnd = (how: string): void => {
    if (isClosed) return;
    const said = lastWords.trim();
    const hint = said.includes('sandbox') ? ' Where there is no sandbox, say --no-sandbox.' : '';
    const message = `Chromium (${executable}) ${how} before the analysis was done.${hint}`;
    onEnd(new CliError(EXIT.failed, said ? `${message} It said:\n${said}` : message));
  };
  child.on('error', (error) => handleEnd(`did not start (${error.message})`));
  child.on('exit', (code, signal) => handleEnd(`ended (${signal ?? `exit code ${code}`})`));
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    process.off('exit', close);
    const socket = socketFolder(profile);
    kill(child);
    if (socket !== undefined) rmSync(socket, { recursive: true, force: true });
    // The browser's helpers may still write for a moment.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  process.on('exit', close);
  return close;
}

/** Where Chromium would talk to others of the same profile: a folder beside it, which is to go too. */
function socketFolder(profile: string): string | undefined {
  try {
    return dirname(readlinkSync(join(profile, 'SingletonSocket')));
  } catch {
    return undefined; // it had not come so far, or Windows
  }
}

/** With its helper processes. */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', `${pid}`, '/T', '/F']);
    else process.kill(-pid, 'SIGKILL'); // the group
  } catch {
    // it has ended by itself
  }
}
