import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { TrainerError } from '../errors.js';
import type { Reporter } from '../reporter.js';
import type { PageAnswer } from './page.js';

/** Where the SDK's network can run. */
export const SDK_BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;
export type SdkBackend = (typeof SDK_BACKENDS)[number];

/** What the page is opened with. */
export interface SdkPageOptions {
  /** A folder that `export` wrote; the packaged model by default. */
  readonly model?: string;
  readonly backend: SdkBackend;
  readonly reporter: Reporter;
}

/** A page of headless Chromium that has loaded the SDK. */
export interface SdkPage {
  /** Where the network runs in the page, in words. */
  readonly backend: string;
  /** @throws {TrainerError} `browser-failed` */
  recognize(pictures: readonly Buffer[], pad: number): Promise<PageAnswer[]>;
  close(): Promise<void>;
}

/** The scripts that the repository's other commands use for the same things. */
interface Scripts {
  readonly buildAll: () => Promise<void>;
  readonly copyAssets: () => Promise<unknown>;
  readonly ensureChromium: () => Promise<string>;
  readonly CHROMIUM_ARGS: readonly string[];
  readonly serve: (
    folder: string,
    firstPort: number,
  ) => Promise<{ readonly url: string; close(): Promise<void> }>;
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const SDK = join(ROOT, 'packages/sdk');
const BUNDLE = 'emotion-cam.bundle.js';
const FIRST_PORT = 5300;

/** Addresses in the page of what lies outside the SDK's folder. */
const MODEL_ADDRESS = '/evaluated-model/';
const PAGE_ADDRESS = '/end-to-end/page.js';

/** WebGPU in a headless browser is behind a switch. */
const WEBGPU_ARGS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];

async function scripts(): Promise<Scripts> {
  const load = (file: string): Promise<object> =>
    import(new URL(`../../../../scripts/${file}`, import.meta.url).href) as Promise<object>;
  const files = ['lib/build.mjs', 'lib/chromium.mjs', 'lib/server.mjs', 'copy-assets.mjs'];
  return Object.assign({}, ...(await Promise.all(files.map(load)))) as Scripts;
}

/**
 * Builds the SDK where that is due, and opens it in Chromium as a page of a user would.
 *
 * @throws {TrainerError} `browser-missing` (no Chromium, and none could be installed), `browser-failed`
 *   (the build or the SDK failed; the message says how)
 */
export async function openSdkPage({ model, backend, reporter }: SdkPageOptions): Promise<SdkPage> {
  const { buildAll, copyAssets, ensureChromium, CHROMIUM_ARGS, serve } = await scripts();
  if (await isBundleStale()) {
    reporter.line('Building the SDK …');
    await failing('browser-failed', 'The SDK could not be built', buildAll());
  }
  await copyAssets(); // the model may be newer than the bundle
  const executablePath = await failing(
    'browser-missing',
    'No Chromium',
    ensureChromium(),
    'CHROME_PATH may name one.',
  );
  const server = await serve(SDK, FIRST_PORT);
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.close();
  };
  try {
    const args = backend === 'wasm' || backend === 'cpu' ? [] : WEBGPU_ARGS;
    browser = await failing(
      'browser-failed',
      `${executablePath} did not start`,
      chromium.launch({ executablePath, args: [...CHROMIUM_ARGS, ...args] }),
    );
    const page = await browser.newPage();
    await serveFiles(page, model);
    await page.goto(`${server.url}package.json`); // any page of this origin
    const options = { backend, model: model === undefined ? 'full' : MODEL_ADDRESS };
    const reason = await inPage(page, 'start', [`/dist/${BUNDLE}`, options]);
    return {
      backend: String(reason),
      recognize: async (pictures, pad) => {
        const texts = pictures.map((bytes) => bytes.toString('base64'));
        return (await inPage(page, 'recognizeAll', [texts, pad])) as PageAnswer[];
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Calls a function of page.ts in the page. */
function inPage(page: Page, name: string, args: readonly unknown[]): Promise<unknown> {
  const call = page.evaluate(
    async ([address, called, values]) => {
      type Module = Readonly<Record<string, (...inner: readonly unknown[]) => Promise<unknown>>>;
      const module = (await import(address)) as Module;
      return module[called]!(...values);
    },
    [PAGE_ADDRESS, name, args] as const,
  );
  return failing('browser-failed', 'The SDK failed in Chromium', call);
}

/** Answers for the model's folder and our own page module, which the server does not hold. */
async function serveFiles(page: Page, model: string | undefined): Promise<void> {
  await page.route(`**${PAGE_ADDRESS}`, (route) =>
    route.fulfill({ path: fileURLToPath(new URL('./page.js', import.meta.url)) }),
  );
  if (model === undefined) return;
  await page.route(`**${MODEL_ADDRESS}*`, (route) => {
    const path = join(model, basename(new URL(route.request().url()).pathname));
    return existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 });
  });
}

/** No bundle, or one that is older than what it was made from. */
async function isBundleStale(): Promise<boolean> {
  const dist = join(SDK, 'dist');
  const made = await stat(join(dist, BUNDLE)).catch(() => undefined);
  if (!made) return true;
  const files = await readdir(dist, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.js') && !file.includes('.bundle.'));
  for (const file of sources) {
    if ((await stat(join(dist, file))).mtimeMs > made.mtimeMs) return true;
  }
  return false;
}

/** Passes a failure on as one of ours. */
async function failing<T>(
  code: 'browser-missing' | 'browser-failed',
  what: string,
  work: Promise<T>,
  hint = '',
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TrainerError(code, `${what}: ${message} ${hint}`.trim(), { cause });
  }
}
