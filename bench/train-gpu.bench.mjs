/**
 * Training steps of the paper's network on this machine's graphics card: ours and TensorFlow.js', in
 * batches of 32, 64 and 128 images of 224 pixels, on Dawn in Node. Where there is no graphics card it says
 * so and measures nothing. `node bench/train-gpu.bench.mjs dry` runs a tiny network on the software adapter,
 * to try the benchmark itself.
 */
import { runMain } from '../scripts/lib/log.mjs';
import { answerOf } from './lib/child.mjs';
import { rounded, writeResult } from './lib/report.mjs';
import { TRAINING_ENGINES } from './lib/training-engines.mjs';

const isDry = process.argv[2] === 'dry';
const TASKS = isDry
  ? [{ width: 8, imageSize: 32, batch: 4, isDry, warmUp: 1, steps: 2 }]
  : [32, 64, 128].map((batch) => ({ width: 64, imageSize: 224, batch, warmUp: 5, steps: 50 }));

await runMain(async () => {
  const rows = [];
  let adapter;
  for (const task of TASKS) {
    for (const name of Object.keys(TRAINING_ENGINES)) {
      const times = await answerOf('time-training-steps.mjs', [name, JSON.stringify(task)]);
      if (times.noCard) {
        console.log(`Nothing was measured: ${times.noCard}.`);
        return 0;
      }
      const { batch, imageSize } = task;
      if (times.failed) {
        rows.push({ engine: name, batch, imageSize, failed: times.failed });
        continue;
      }
      adapter = times.adapter;
      rows.push({
        ...{ engine: name, batch, imageSize },
        imagesPerSecond: rounded((1000 * batch) / times.stepMs),
        stepMs: rounded(times.stepMs),
        // Until the step is under way; the rest is waiting for the card.
        submittedMs: rounded(times.submittedMs),
        loss: rounded(times.loss),
      });
    }
  }
  console.log(adapter);
  console.table(rows);
  if (isDry) {
    console.log(
      'A dry run on a software adapter: no time of it says anything, nothing is written.',
    );
    return 0;
  }
  const rate = (name, batch) =>
    rows.find((row) => row.engine === name && row.batch === batch)?.imagesPerSecond;
  const summary = TASKS.map(({ batch }) => {
    const [ours, stock] = Object.keys(TRAINING_ENGINES).map((name) => rate(name, batch));
    const ratio = ours && stock ? `, ${rounded(ours / stock)} times as many` : '';
    return `Batches of ${batch} on ${adapter}: ${ours ?? 'no'} images/s, TensorFlow.js ${stock ?? 'none'}${ratio}.`;
  });
  console.log(summary.join('\n'));
  writeResult('train-gpu', { adapter, rows, summary });
  return 0;
});
