import { initialiseBackend } from '../backend.js';
import { TrainerError } from '../errors.js';
import type { Reporter } from '../reporter.js';
import { writeWholeFile } from '../write-json.js';
import { compareWithRuntime } from './onnx/compare-with-runtime.js';
import { networkGraph } from './onnx/network-graph.js';
import { encodeModel } from './onnx/proto.js';
import type { WeightsSource } from './weights-source.js';

/** Operators are those of this version of ONNX. */
const OPSET = 17;
/** The file format's version that belongs to it. */
const IR_VERSION = 8;

/** Logits in float32 may differ by this much between two runtimes. */
const TOLERATED_DIFFERENCE = 1e-4;

/**
 * The network as the bytes of an `.onnx` file: `images`, normalised RGB, [N,3,S,S], to `logits`, [N,7].
 * Mean and standard deviation for the normalisation are among its metadata.
 */
export function encodeOnnx({ network, imageSize, folded, metadata }: WeightsSource): Uint8Array {
  return encodeModel({
    ir_version: IR_VERSION,
    producer_name: 'emotion-cam',
    doc_string:
      'FDRL-ECANet. Input: a face crop as RGB, (value / 255 - mean) / std of each channel; mean, ' +
      'std, labels and the crop are in the metadata. Output: logits; softmax gives probabilities.',
    graph: networkGraph(network, imageSize, folded),
    opset_import: [{ domain: '', version: OPSET }],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

/**
 * Writes the network as ONNX. Where onnxruntime-node is installed, it must answer as our own network
 * does before anything is written.
 *
 * @throws {TrainerError} `export-differs`, `output-failed`
 */
export async function exportOnnx(
  path: string,
  source: WeightsSource,
  reporter: Reporter,
): Promise<void> {
  const bytes = encodeOnnx(source);
  await initialiseBackend('wasm');
  const difference = await compareWithRuntime(bytes, source);
  if (difference === undefined) {
    reporter.line(
      'onnxruntime-node is not installed, so the ONNX file was not compared with our network.',
    );
  } else if (difference < TOLERATED_DIFFERENCE) {
    reporter.line(
      `onnxruntime gives the same logits on random images: largest difference ${difference.toExponential(1)}.`,
    );
  } else {
    throw new TrainerError(
      'export-differs',
      `onnxruntime's logits differ from ours by up to ${difference}, more than ` +
        `${TOLERATED_DIFFERENCE}. Nothing was written. Please report it with the network's configuration.`,
    );
  }
  await writeWholeFile(path, bytes);
}
