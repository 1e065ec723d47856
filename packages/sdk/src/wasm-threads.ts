/** What TensorFlow.js is told of where there are two or three processors: half of it are two threads. */
const CLAIMED_PROCESSORS = 4;

/**
 * Starts TensorFlow.js' wasm back end with two threads where there are two or three logical processors. It
 * takes half of what `navigator.hardwareConcurrency` says, 4 at most, and `setThreadsCount` cannot raise that:
 * https://github.com/tensorflow/tfjs/issues/6081. In a page the number is left alone: others may read it
 * there, and a page's thread that waits for another one spins.
 */
export async function startWithThreads<T>(start: () => Promise<T>): Promise<T> {
  const processors = navigator.hardwareConcurrency;
  const isPage = typeof document !== 'undefined';
  if (isPage || processors < 2 || processors >= CLAIMED_PROCESSORS) return start();
  Object.defineProperty(navigator, 'hardwareConcurrency', {
    configurable: true,
    value: CLAIMED_PROCESSORS,
  });
  try {
    return await start();
  } finally {
    Reflect.deleteProperty(navigator, 'hardwareConcurrency'); // the browser's own number again
  }
}

/**
 * Whether the page's policy lets workers run from blobs and load blobs. TensorFlow.js starts its threads so,
 * and where it may not it waits for them for ever.
 */
export async function areBlobWorkersAllowed(): Promise<boolean> {
  const urlOf = (script: string): string =>
    URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const loaded = urlOf('');
  const script = urlOf(`importScripts('${loaded}'); postMessage('allowed');`);
  let worker: Worker | undefined;
  try {
    const started = (worker = new Worker(script));
    return await new Promise<boolean>((resolve) => {
      started.onmessage = () => {
        resolve(true);
      };
      started.onerror = () => {
        resolve(false);
      };
    });
  } catch {
    return false; // some browsers throw
  } finally {
    worker?.terminate();
    URL.revokeObjectURL(script);
    URL.revokeObjectURL(loaded);
  }
}
