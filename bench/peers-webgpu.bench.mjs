/**
 * A frame of the shipped network at 224 pixels on this machine's graphics card: ours, TensorFlow.js and
 * onnxruntime-web, on the same device of Dawn (what Chrome runs WebGPU with) in Node. Pixels come from the
 * CPU and logits go back to it in all of them. Where there is no graphics card it says so and measures
 * nothing: a software adapter's times say nothing.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Explained, runMain } from '../scripts/lib/log.mjs';
import { ENGINES } from './lib/engines.mjs';
import { rounded, writeResult } from './lib/report.mjs';

const SCRIPT = fileURLToPath(new URL('lib/time-frames.mjs', import.meta.url));

/**
 * In a process of its own, which is killed: a cold start has nothing compiled, and Dawn's threads keep Node.
 *
 * @param {string} name of the engine
 */
async function time(name) {
  const child = fork(SCRIPT, [name]);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Explained(`${name} ended with exit code ${code} before it had measured.`);
  });
  const [times] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  child.kill('SIGKILL');
  return times;
}

await runMain(async () => {
  const engines = {};
  let adapter;
  for (const name of Object.keys(ENGINES)) {
    const times = await time(name);
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
      startMs: rounded(times.startMs),
      medianMs: rounded(times.medianMs),
      percentile95Ms: rounded(times.percentile95Ms),
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
  writeResult('peers-webgpu', { adapter, engines, summary });
  return 0;
});
