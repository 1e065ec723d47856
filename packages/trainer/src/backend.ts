import { availableParallelism, tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { TrainerError } from './errors.js';
import { registerMatMulGradient } from './gradients/mat-mul.js';
import { registerWasmMaxPoolGradient } from './gradients/max-pool-gradient.js';
import { registerNativeConvolution } from './gradients/native-convolution.js';
import { registerNativeMatMul } from './gradients/native-mat-mul.js';
import { loadNative, useNative } from './native.js';

/** Back ends of the trainer; `native` is wasm with the backbone and other kernels in C++. */
export const BACKENDS = ['webgpu', 'native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** The back end that a run uses, and why. */
export interface BackendChoice {
  readonly name: BackendName;
  /** Data-parallel workers: one for each core on the CPU, one on a GPU. */
  readonly workers: number;
  /** A sentence for the log. */
  readonly reason: string;
}

/** What is needed of Dawn's adapter; the package `webgpu` has no types of its own for it. */
interface DawnModule {
  readonly globals: Record<string, unknown>;
  create(flags: string[]): GPU;
}

/** Adapters that compute on the CPU: correct, but far slower than the wasm back end. */
const SOFTWARE_ADAPTERS = /swiftshader|llvmpipe|lavapipe/i;

async function dawn(): Promise<GPU> {
  process.env['XDG_RUNTIME_DIR'] ??= tmpdir(); // drivers complain on standard error without it
  const module = (await import('webgpu')) as unknown as DawnModule;
  Object.assign(globalThis, module.globals);
  return module.create([]);
}

async function describeAdapter(): Promise<{ name: string; isSoftware: boolean } | undefined> {
  try {
    const adapter = await (await dawn()).requestAdapter();
    if (!adapter) return undefined;
    const { vendor, architecture, description, device } = adapter.info;
    const name = [vendor, architecture, device, description].filter(Boolean).join(' ');
    return { name, isSoftware: SOFTWARE_ADAPTERS.test(name) };
  } catch {
    return undefined; // no Vulkan loader, or a platform that Dawn does not support
  }
}

/**
 * Chooses the back end: a hardware WebGPU adapter, else wasm, with oneDNN where it is built.
 *
 * @param requested - `'auto'`, or a back end that is used or reported as unavailable
 * @throws {TrainerError} `backend-unavailable`
 */
export async function chooseBackend(
  requested: BackendName | 'auto',
  workers?: number,
): Promise<BackendChoice> {
  const cores = workers ?? availableParallelism();
  if (requested === 'wasm' || requested === 'cpu') {
    return { name: requested, workers: cores, reason: 'asked for' };
  }
  if (requested === 'native') {
    if (!loadNative()) throw nativeMissing();
    return { name: 'native', workers: cores, reason: 'asked for' };
  }
  const adapter = await describeAdapter();
  if (requested === 'webgpu') {
    if (!adapter) {
      throw new TrainerError(
        'backend-unavailable',
        'WebGPU was asked for, but Dawn finds no adapter. Install the GPU driver and the Vulkan ' +
          'loader (Debian: libvulkan1), or use --backend wasm.',
      );
    }
    return { name: 'webgpu', workers: 1, reason: `asked for; adapter: ${adapter.name}` };
  }
  if (adapter && !adapter.isSoftware) {
    return { name: 'webgpu', workers: 1, reason: `adapter: ${adapter.name}` };
  }
  const found = adapter ? `only the software adapter ${adapter.name}` : 'no WebGPU adapter';
  if (loadNative()) {
    return { name: 'native', workers: cores, reason: `${found}; oneDNN is built` };
  }
  return {
    name: 'wasm',
    workers: cores,
    reason: `${found}; npm run build:native would make it about eight times faster`,
  };
}

/** Makes TensorFlow.js ready in this thread, gradients included. */
export async function initialiseBackend(name: BackendName): Promise<void> {
  await import('@tensorflow/tfjs'); // registers the gradients of all operations
  useNative(undefined);
  if (name !== 'native') registerMatMulGradient(); // oneDNN multiplies transposed operands as fast
  if (name === 'wasm' || name === 'native') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(dirname(entry) + sep);
    registerWasmMaxPoolGradient();
    if (name === 'native') registerNative();
  } else if (name === 'webgpu') {
    Object.defineProperty(navigatorObject(), 'gpu', {
      value: await dawn(),
      configurable: true,
    });
    // The back end asks whether its canvas is an OffscreenCanvas; Node has none.
    if (!('OffscreenCanvas' in globalThis)) {
      Reflect.set(globalThis, 'OffscreenCanvas', function OffscreenCanvas() {});
    }
    await import('@tensorflow/tfjs-backend-webgpu');
  }
  if (!(await tf.setBackend(name === 'native' ? 'wasm' : name))) {
    throw new TrainerError('backend-unavailable', `The back end "${name}" could not be started.`);
  }
  await tf.ready();
}

/**
 * Trains with the compiled module, and replaces the wasm back end's slow kernels by its own.
 *
 * @throws {TrainerError} `backend-unavailable` where it has not been built
 */
function registerNative(): void {
  const native = loadNative();
  if (!native) throw nativeMissing();
  useNative(native);
  registerNativeConvolution(native);
  registerNativeMatMul(native);
}

function nativeMissing(): TrainerError {
  return new TrainerError(
    'backend-unavailable',
    'The native back end has not been built. On Debian: apt-get install g++ libdnnl-dev, then ' +
      'npm run build:native. Or use --backend wasm.',
  );
}

/** `navigator`, which Node 20 does not have and the WebGPU back end reads. */
function navigatorObject(): object {
  if (!('navigator' in globalThis)) {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  }
  return globalThis.navigator;
}
