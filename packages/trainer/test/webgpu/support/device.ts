/** What is needed of `scripts/lib/dawn.mjs`, which is not part of any TypeScript project. */
interface Dawn {
  openDawn(options: { software?: boolean; flags?: string[] }): Promise<GPU>;
}

/** The software adapter compiles a kernel in a second, and in many on a busy machine. */
export const SLOW_COMPILER = { timeout: 600_000 } as const;

async function deviceOf(options: Parameters<Dawn['openDawn']>[0]): Promise<GPUDevice> {
  const path = new URL('../../../../../scripts/lib/dawn.mjs', import.meta.url).href;
  const dawn = (await import(path)) as Dawn;
  const adapter = await (await dawn.openDawn(options)).requestAdapter();
  if (!adapter) throw new Error('Dawn finds no WebGPU adapter.');
  const device = await adapter.requestDevice();
  device.onuncapturederror = ({ error }) => {
    throw new Error(error.message);
  };
  return device;
}

/** A device of the software adapter. What it complains of fails the test. */
export function openDevice(): Promise<GPUDevice> {
  return deviceOf({ software: true });
}

/** A device that checks everything as a real one does, has WebGPU's smallest limits, and executes nothing. */
export function openCheckingDevice(): Promise<GPUDevice> {
  return deviceOf({ flags: ['backend=null'] });
}
