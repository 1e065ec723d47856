import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { loadAsset } from './asset-files.js';
import { EmotionCamError } from './errors.js';
import { areBlobWorkersAllowed, startWithThreads } from './wasm-threads.js';
import { WorkerFailed, withWatchedWorkers } from './worker/watched-workers.js';

/** Where the network can run. */
export type BackendName = 'webgpu' | 'wasm' | 'cpu';

/** Where the network runs, and why there. */
export interface Backend {
  /** Which one. */
  readonly name: BackendName;
  /** A sentence for people: what was chosen and what was not possible. */
  readonly reason: string;
  /**
   * Of the wasm back end: half of the logical processors, 4 at most; in a worker 2 where there are fewer
   * than 4. Several only on a cross-origin isolated page.
   */
  readonly threads?: number;
}

/** How {@link startBackend} chooses. */
export interface BackendOptions {
  /**
   * `'auto'` takes WebGPU where there is a graphics card, else WebAssembly, else plain JavaScript.
   * Default: `'auto'`.
   */
  readonly backend?: 'auto' | BackendName | undefined;
  /** The folder with the `tfjs-backend-wasm-*.wasm` files. */
  readonly tfjsWasm: URL;
  /** Back ends that start and yet do not work, and a sentence that says why. */
  readonly refused?: Readonly<Partial<Record<BackendName, string>>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const THREADS_FLAG = 'WASM_HAS_MULTITHREAD_SUPPORT';

/** Why a back end cannot be used here. */
class Impossible extends Error {}

async function startWebGpu(acceptSoftware: boolean): Promise<Backend> {
  // Not in every browser, whatever the DOM's types say.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) {
    throw new Impossible(
      globalThis.isSecureContext ? 'The browser has no WebGPU.' : 'WebGPU needs an https page.',
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Impossible('WebGPU has no adapter here.');
  const { vendor, architecture, isFallbackAdapter } = adapter.info;
  if (isFallbackAdapter && !acceptSoftware) {
    throw new Impossible('The only WebGPU adapter runs on the CPU, slower than WebAssembly.');
  }
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Impossible('WebGPU gave no device.');
  replaceWhenLost(tf.backend());
  const card = [vendor, architecture].filter(Boolean).join(' ') || 'unnamed';
  return { name: 'webgpu', reason: `WebGPU, adapter: ${card}.` };
}

/** Makes tfjs forget a back end, and that it is being made, so that the next start makes another. */
function makeAnew(name: BackendName): void {
  const { factory, priority } = tf.engine().registryFactory[name]!;
  tf.removeBackend(name);
  tf.registerBackend(name, factory, priority);
}

/** tfjs keeps a back end whose graphics device is gone: the next start must make a new one. */
function replaceWhenLost(backend: tf.KernelBackend): void {
  const { device } = backend as unknown as Pick<WebGPUBackend, 'device'>;
  void device.lost.then(() => {
    if (tf.engine().registry['webgpu'] !== backend) return; // replaced already
    makeAnew('webgpu');
  });
}

/** Gives TensorFlow.js the wasm file's content when it fetches that, which it would do unchecked. */
async function startWasmWith(bytes: Uint8Array<ArrayBuffer>, url: URL): Promise<boolean> {
  const environment = tf.env();
  const { platform } = environment;
  environment.platform = Object.create(platform, {
    fetch: {
      value: (path: string, init?: RequestInit) =>
        path === url.href ? Promise.resolve(new Response(bytes)) : platform.fetch(path, init),
    },
  }) as typeof platform;
  try {
    return await startWithThreads(() => tf.setBackend('wasm'));
  } finally {
    environment.platform = platform;
  }
}

/** Loads the file for threads or that without, and starts it. @throws {WorkerFailed} a thread did not start */
async function startWasmBuild(
  hasThreads: boolean,
  { tfjsWasm, signal }: BackendOptions,
): Promise<void> {
  const file = `tfjs-backend-wasm${hasThreads ? '-threaded' : ''}-simd.wasm` as const;
  const url = new URL(file, tfjsWasm);
  const bytes = await loadAsset(file, url, signal);
  await WebAssembly.compile(bytes).catch((cause: unknown) => {
    // tfjs would wait for ever
    throw new Impossible(
      `WebAssembly did not start (${String(cause)}); a page's policy must allow 'wasm-unsafe-eval'.`,
    );
  });
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const isFetchedByPlatform = true;
  setWasmPaths(tfjsWasm.href, isFetchedByPlatform);
  const start = (): Promise<boolean> => startWasmWith(bytes, url);
  const hasStarted = await (hasThreads ? withWatchedWorkers(start) : start());
  if (!hasStarted) throw new Impossible('WebAssembly did not start.');
}

/**
 * Starts the wasm back end with threads, if it can be.
 *
 * @returns why it has none
 */
async function startWasmBackend(options: BackendOptions): Promise<string | undefined> {
  const areThreadsPossible = (await tf.env().getAsync(THREADS_FLAG)) as boolean;
  let obstacle: string | undefined;
  if (!globalThis.crossOriginIsolated) obstacle = 'the page is not cross-origin isolated';
  else if (!areThreadsPossible) obstacle = 'the browser has none for WebAssembly';
  else if (!(await areBlobWorkersAllowed())) {
    obstacle = "the page's policy does not allow blob: for scripts and workers";
  } else {
    try {
      await startWasmBuild(true, options);
      return undefined;
    } catch (error) {
      if (!(error instanceof WorkerFailed)) throw error;
      obstacle = `threads did not start (${error.message}); the bundler may have changed their script`;
      makeAnew('wasm');
    }
  }
  tf.env().set(THREADS_FLAG, false);
  await startWasmBuild(false, options);
  return obstacle;
}

/** Why the wasm back end that was started has one thread. */
let threadObstacle: string | undefined;

async function startWasm(options: BackendOptions): Promise<Backend> {
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  if ('wasm' in tf.engine().registry) {
    await tf.setBackend('wasm');
  } else {
    const hasSimd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) as boolean;
    if (!hasSimd) throw new Impossible('The browser has no SIMD in WebAssembly.');
    threadObstacle = await startWasmBackend(options);
  }
  const hasThreads = tf.env().getBool(THREADS_FLAG);
  const threads = hasThreads ? getThreadsCount() : 1;
  const reason =
    'WebAssembly with SIMD, ' +
    (hasThreads ? `threads: ${threads}.` : `one thread: ${threadObstacle ?? 'the page chose so'}.`);
  return { name: 'wasm', reason, threads };
}

async function startCpu(): Promise<Backend> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return { name: 'cpu', reason: 'Plain JavaScript, which is very slow.' };
}

/**
 * Starts the back end that was asked for, or the fastest that works, and makes it TensorFlow.js's
 * current one. Only that one's code is fetched.
 *
 * @throws {EmotionCamError} `backend-unavailable`: the one that was asked for does not work here;
 *   `asset-unreachable`: the wasm file is not where it should be; `asset-hash`: it is another
 * @throws the signal's reason, if it is aborted
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { backend: wanted = 'auto' } = options;
  const start: Readonly<Record<BackendName, () => Promise<Backend>>> = {
    webgpu: () => startWebGpu(wanted === 'webgpu'),
    wasm: () => startWasm(options),
    cpu: startCpu,
  };
  const names = Object.keys(start) as BackendName[]; // fastest first
  const candidates = wanted === 'auto' ? names : names.filter((name) => name === wanted);
  const obstacles: string[] = [];
  for (const name of candidates) {
    options.signal?.throwIfAborted();
    const refusal = options.refused?.[name];
    if (refusal !== undefined) {
      obstacles.push(refusal);
      continue;
    }
    try {
      const started = await start[name]();
      return { ...started, reason: [...obstacles, started.reason].join(' ') };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof EmotionCamError) throw error;
      const isExpected = error instanceof Impossible;
      obstacles.push(isExpected ? error.message : `${name} did not start (${String(error)}).`);
    }
  }
  throw new EmotionCamError(
    'backend-unavailable',
    `The back end "${wanted}" cannot be used here: ` +
      (obstacles.join(' ') || `it is none of ${['auto', ...names].join(', ')}.`) +
      ' Use "auto" to take the fastest that works.',
  );
}

/**
 * Makes a back end that was started TensorFlow.js's current one again: the page, or another
 * recognizer, may have switched. Takes effect at once.
 */
export function activate({ name }: Backend): void {
  if (tf.getBackend() !== name) void tf.setBackend(name); // synchronous for one that was started
}

/** The graphics device of a WebGPU back end that was started. */
export function graphicsDevice(): GPUDevice {
  return (tf.engine().findBackend('webgpu') as unknown as Pick<WebGPUBackend, 'device'>).device;
}
