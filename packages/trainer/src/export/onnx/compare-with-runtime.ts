import type { NetworkConfig, NamedArray } from 'emotion-cam/network';
import type * as OnnxRuntime from 'onnxruntime-node';
import { createRng } from '../../rng.js';
import { Evaluator } from '../../step.js';
import { GRAPH_INPUT, GRAPH_OUTPUT } from './network-graph.js';

/** The network that a file was made from. */
export interface ComparedNetwork {
  readonly network: NetworkConfig;
  readonly imageSize: number;
  readonly folded: readonly NamedArray[];
}

/** Batch sizes that are tried: N is free. */
const BATCHES = [1, 3];

async function loadRuntime(): Promise<typeof OnnxRuntime | undefined> {
  try {
    return await import('onnxruntime-node');
  } catch {
    return undefined; // not installed, or none for this platform
  }
}

/** [N,S,S,3] -> [N,3,S,S]. */
export function toNchw(images: Float32Array, count: number): Float32Array {
  const pixels = images.length / count / 3;
  const out = new Float32Array(images.length);
  for (let from = 0; from < images.length; from += pixels * 3) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        out[from + channel * pixels + pixel] = images[from + pixel * 3 + channel]!;
      }
    }
  }
  return out;
}

/**
 * Runs an ONNX file in onnxruntime and our own network (on the back end in use) on random images.
 *
 * @returns the largest difference between their logits; nothing where onnxruntime-node is missing
 */
export async function compareWithRuntime(
  file: Uint8Array,
  { network, imageSize, folded }: ComparedNetwork,
): Promise<number | undefined> {
  const runtime = await loadRuntime();
  if (!runtime) return undefined;
  const session = await runtime.InferenceSession.create(file);
  const evaluator = new Evaluator(folded, network);
  let largest = 0;
  for (const count of BATCHES) {
    const rng = createRng(1, count);
    const length = count * imageSize * imageSize * 3;
    const images = Float32Array.from({ length }, () => rng.normal());
    const input = new runtime.Tensor('float32', toNchw(images, count), [
      count,
      3,
      imageSize,
      imageSize,
    ]);
    const outputs = await session.run({ [GRAPH_INPUT]: input });
    const theirs = outputs[GRAPH_OUTPUT]!.data as Float32Array;
    const ours = await evaluator.logits(images, count, imageSize);
    ours.forEach((value, i) => {
      const difference = Math.abs(value - theirs[i]!);
      if (!(difference <= largest)) largest = difference; // NaN is the worst of all
    });
  }
  evaluator.dispose();
  await session.release();
  return largest;
}
