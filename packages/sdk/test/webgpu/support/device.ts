/** What is needed of `scripts/lib/dawn.mjs`, which is not part of any TypeScript project. */
interface Dawn {
  openDawn(options: { software?: boolean; flags?: string[] }): Promise<GPU>;
}

/** The software adapter compiles a kernel in a second, and in many on a busy machine. */
export const SLOW_COMPILER = { timeout: 600_000 } as const;

async function adapterOf(options: Parameters<Dawn['openDawn']>[0]): Promise<GPUAdapter> {
  const path = new URL('../../../../../scripts/lib/dawn.mjs', import.meta.url).href;
  const dawn = (await import(path)) as Dawn;
  const adapter = await (await dawn.openDawn(options)).requestAdapter();
  if (!adapter) throw new Error('Dawn finds no WebGPU adapter.');
  return adapter;
}

/** A device of the software adapter. What it complains of fails the test. */
export async function openDevice(): Promise<GPUDevice> {
  const adapter = await adapterOf({ software: true });
  const device = await adapter.requestDevice();
  device.onuncapturederror = ({ error }) => {
    throw new Error(error.message);
  };
  return device;
}

/** A device that checks everything as a real one does, and executes nothing; it offers float16. */
export async function openCheckingDevice(): Promise<GPUDevice> {
  const adapter = await adapterOf({ flags: ['backend=null'] });
  const device = await adapter.requestDevice({ requiredFeatures: ['shader-f16'] });
  device.onuncapturederror = ({ error }) => {
    throw new Error(error.message);
  };
  return device;
}
