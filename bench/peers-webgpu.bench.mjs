/**
 * A frame of the shipped network at 224 pixels on this machine's graphics card: ours, TensorFlow.js and
 * onnxruntime-web, on the same device of Dawn (what Chrome runs WebGPU with) in Node. Pixels come from the
 * CPU and logits go back to it in all of them. Where there is no graphics card it says so and measures
 * nothing: a software adapter's times say nothing. `node bench/peers-webgpu.bench.mjs dry` runs two frames on
 * one all the same, to try the benchmark itself, and writes no result.
 */
import { runMain } from '../scripts/lib/log.mjs';
import { answerOf } from './lib/child.mjs';
import { ENGINES } from './lib/engines.mjs';
import { rounded, writeResult } from './lib/report.mjs';

const isDry = process.argv[2] === 'dry';

await runMain(async () => {
  const engines = {};
  let adapter;
  for (const name of Object.keys(ENGINES)) {
    const times = await answerOf('time-frames.mjs', isDry ? [name, 'dry'] : [name]);
    if (times.noCard) {
      console.log(`Nothing was measured: ${times.noCard}.`);
      return 0;
    }
    if (times.unavailable) {
      console.log(`${name}: ${times.unavailable}.`);
      continue;
    }
    adapter = times.adapter;
    engines[name] = {
      coldStartMs: rounded(times.coldStartMs),
      warmStartMs: rounded(times.warmStartMs),
      medianMs: rounded(times.medianMs),
      percentile95Ms: rounded(times.percentile95Ms),
      /** Of what a large float32 matrix product of TensorFlow.js reaches on the same card. */
      matmulShare: rounded(times.matmulShare),
      matmulGflops: rounded(times.matmulRate / 1e9),
      highest: times.highest,
    };
  }
  console.log(adapter);
  console.table(engines);
  const { 'emotion-cam': ours, ...others } = engines;
  const ratios = Object.entries(others).map(
    ([name, { medianMs }]) => `${rounded(medianMs / ours.medianMs)} times ours in ${name}`,
  );
  const summary = [`A frame on ${adapter}: ${ours.medianMs} ms, ${ratios.join(', ')}.`];
  console.log(summary.join('\n'));
  if (isDry) {
    console.log(
      'A dry run on a software adapter: no time of it says anything, nothing is written.',
    );
    return 0;
  }
  writeResult('peers-webgpu', { adapter, engines, summary });
  return 0;
});
