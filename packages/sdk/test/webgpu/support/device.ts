/** What is needed of `scripts/lib/dawn.mjs`, which is not part of any TypeScript project. */
interface Dawn {
  openDawn(options: { software: boolean }): Promise<GPU>;
}

/** The software adapter compiles a kernel in a second, and in several on a busy machine. */
export const SLOW_COMPILER = { timeout: 240_000 } as const;

/** A device of the software adapter. What it complains of fails the test. */
export async function openDevice(): Promise<GPUDevice> {
  const path = new URL('../../../../../scripts/lib/dawn.mjs', import.meta.url).href;
  const dawn = (await import(path)) as Dawn;
  const adapter = await (await dawn.openDawn({ software: true })).requestAdapter();
  if (!adapter) throw new Error('Dawn finds no WebGPU adapter.');
  const device = await adapter.requestDevice();
  device.onuncapturederror = ({ error }) => {
    throw new Error(error.message);
  };
  return device;
}
