/** The thread's side of backend-thread.mjs. */
import { parentPort, workerData } from 'node:worker_threads';

const { start, measure } = await import(workerData.moduleUrl);
await start(workerData.backend);
parentPort.on('message', async (task) => {
  parentPort.postMessage(await measure(task));
});
parentPort.postMessage('started');
