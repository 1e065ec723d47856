/**
 * Gradients of ResNet-18's 3x3 convolutions: ours against TensorFlow.js' kernels on cpu and wasm (wasm
 * has none for the filter). One core. The native back end has no such kernels: its backbone is one call.
 */
import { backendThread } from './lib/backend-thread.mjs';
import { interleaved, rounded, writeResult } from './lib/report.mjs';

const TASKS = new URL('lib/gradient-tasks.mjs', import.meta.url).href;
/** The stages of ResNet-18 at 224 pixels. */
const LAYERS = [
  { side: 56, channels: 64 },
  { side: 28, channels: 128 },
  { side: 14, channels: 256 },
  { side: 7, channels: 512 },
];
const ROUNDS = 3;
/** The cpu back end is slow: it gets one image where the others get eight. */
const BATCH = { cpu: 1, wasm: 8 };
const VARIANTS = [
  { backend: 'wasm', direction: 'dX', implementations: ['ours', 'kernel'] },
  { backend: 'wasm', direction: 'dW', implementations: ['ours'] },
  { backend: 'cpu', direction: 'dX', implementations: ['ours', 'kernel'] },
  { backend: 'cpu', direction: 'dW', implementations: ['ours', 'kernel'] },
];

const names = [...new Set(VARIANTS.map(({ backend }) => backend))];
const threads = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await backendThread(TASKS, name)])),
);

/** On cpu a layer takes seconds: one of them shows the ratio. */
const isMeasured = ({ side }, { backend }) => backend !== 'cpu' || side === LAYERS.at(-1).side;
const cases = LAYERS.flatMap((layer) =>
  VARIANTS.filter((variant) => isMeasured(layer, variant)).flatMap(
    ({ backend, direction, implementations }) =>
      implementations.map((implementation) => ({ ...layer, backend, direction, implementation })),
  ),
);
const timings = await interleaved(cases, ROUNDS, (one) =>
  threads[one.backend].measure({
    operation: `${one.direction} ${one.implementation}`,
    batch: BATCH[one.backend],
    side: one.side,
    channels: one.channels,
  }),
);
for (const thread of Object.values(threads)) await thread.stop();

const gradients = cases.map(({ side, channels, backend, direction, implementation }, index) => {
  const batch = BATCH[backend];
  const flops = 2 * batch * side ** 2 * 9 * channels ** 2;
  return {
    layer: `${side}x${side}x${channels}`,
    gradient: direction,
    backend,
    implementation: implementation === 'ours' ? 'ours' : 'tfjs',
    batch,
    milliseconds: rounded(timings[index]),
    gflopPerSecond: rounded(flops / timings[index] / 1e6),
  };
});
/** How many times faster than TensorFlow.js' kernel of the same back end, in this run. */
const speedUps = gradients
  .filter(({ implementation }) => implementation === 'ours')
  .flatMap((ours) => {
    const theirs = gradients.find(
      (other) =>
        other.implementation === 'tfjs' &&
        other.layer === ours.layer &&
        other.gradient === ours.gradient &&
        other.backend === ours.backend,
    );
    if (!theirs) return [];
    const ratio = rounded(theirs.milliseconds / ours.milliseconds);
    return [{ layer: ours.layer, gradient: ours.gradient, backend: ours.backend, ratio }];
  });

/** Smallest and largest of some numbers. @param {readonly number[]} values */
const span = (values) => `${Math.min(...values)} to ${Math.max(...values)}`;
const onWasm = speedUps.filter(({ backend }) => backend === 'wasm').map(({ ratio }) => ratio);
const summary = [
  `Input gradients of ResNet-18's 3x3 convolutions on wasm: ours ${span(onWasm)} times as fast as TensorFlow.js'.`,
];

console.table(gradients);
console.table(speedUps);
console.log(summary.join('\n'));
writeResult('convolution-gradients', { rounds: ROUNDS, gradients, speedUps, summary });
