import { replaceProperty } from './camera-stubs.js';

const SCRIPT = new URL('../../../src/worker/pipeline-worker.ts', import.meta.url).href;

/** What can be done to a worker from inside, by name. */
const FAULTS = {
  crash: 'setTimeout(() => { throw new Error("The test says so."); });',
  hang: 'for (;;);',
  doze: 'const untilMs = performance.now() + 300; while (performance.now() < untilMs);',
  mute: 'globalThis.postMessage = () => {};',
  loseGpu: 'device.destroy();',
  loseWebGl: 'contexts.at(-1).getExtension("WEBGL_lose_context").loseContext();',
} as const;

/** Workers of the recognizer that break on demand. */
export interface FaultyWorkers {
  /** How many were started. */
  readonly started: number;
  /** Lets those that are started from now on find no graphics card. */
  takeGpuAway(): void;
  /** Does it to the one that runs; resolves when it is about to happen. */
  break(fault: keyof typeof FAULTS): Promise<void>;
}

/** Makes the page's workers such, until `restoreProperties`. */
export function faultyWorkers(): FaultyWorkers {
  const name = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  const cases = Object.entries(FAULTS).map(([fault, code]) => `case '${fault}': ${code} break;`);
  const script = `
    let device;
    const contexts = [];
    const { requestDevice } = globalThis.GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      return (device = await requestDevice.apply(this, args));
    };
    const { getContext } = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.getContext = function (...args) {
      const context = getContext.apply(this, args);
      if (args[0] === 'webgl2') contexts.push(context);
      return context;
    };
    const channel = new BroadcastChannel('${name}');
    channel.onmessage = ({ data }) => {
      channel.postMessage('now');
      switch (data) { ${cases.join('\n')} }
    };
    await import('${SCRIPT}');`;
  let prefix = '';
  let started = 0;
  replaceProperty(
    globalThis,
    'Worker',
    class extends Worker {
      constructor() {
        const blob = new Blob([prefix, script], { type: 'text/javascript' });
        super(URL.createObjectURL(blob), { type: 'module' });
        started += 1;
      }
    },
  );
  return {
    get started() {
      return started;
    },
    takeGpuAway() {
      prefix = 'GPU.prototype.requestAdapter = () => Promise.resolve(null);';
    },
    break(fault) {
      channel.postMessage(fault);
      return new Promise((resolve) => {
        channel.onmessage = () => resolve();
      });
    },
  };
}
