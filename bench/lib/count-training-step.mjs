/** Child process of bench/dispatches: counts what a training step of one engine costs, and sends it. */
import { CountingGpu } from './counting-gpu.mjs';
import { median, rounded } from './report.mjs';
import { TRAINING_ENGINES } from './training-engines.mjs';

const [name, task] = process.argv.slice(2);
const STEPS = 3;

const gpu = new CountingGpu();
gpu.install();
const engine = await TRAINING_ENGINES[name](JSON.parse(task));
await engine.step(1);
gpu.take();
await engine.step(2); // what is made once and not by the first
const counts = [];
const timings = [];
for (let number = 3; number < 3 + STEPS; number++) {
  gpu.take();
  const before = process.cpuUsage();
  await engine.step(number);
  const { user, system } = process.cpuUsage(before); // other work on the machine does not count
  timings.push((user + system) / 1000);
  counts.push(gpu.take());
}
const { dispatches, passes, submits, bindGroups, buffersMade, writes } = counts.at(-1);
const { writtenBytes, mappedBytes, boundBytes } = counts.at(-1);
const megabytes = (bytes) => rounded(bytes / 1e6);
process.send({
  ...{ dispatches, passes, submits, bindGroups, buffersMade, writes },
  uploadedMb: megabytes(writtenBytes + mappedBytes),
  boundMb: megabytes(boundBytes),
  processorMs: rounded(median(timings)),
});
