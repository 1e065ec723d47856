import { TrainerError } from '../errors.js';
import { encodeSafetensors } from '../safetensors.js';
import { writeWholeFile } from '../write-json.js';
import type { WeightsSource } from './weights-source.js';

/**
 * `separate`: gamma, beta, running mean and variance beside each convolution, for training on;
 * `folded`: one bias in their place, for runtimes.
 */
export const BATCH_NORM_FORMS = ['separate', 'folded'] as const;
export type BatchNormForm = (typeof BATCH_NORM_FORMS)[number];

/**
 * Writes all weights as float32 under the names of `weightSpecs`; kernels are [kh,kw,Cin,Cout].
 *
 * @param form - by default `separate` where the source knows it
 * @throws {TrainerError} `argument-invalid`: a model folder only has folded weights
 */
export async function exportSafetensors(
  path: string,
  source: WeightsSource,
  form: BatchNormForm = source.separate ? 'separate' : 'folded',
): Promise<void> {
  const arrays = form === 'folded' ? source.folded : source.separate;
  if (!arrays) {
    throw new TrainerError(
      'argument-invalid',
      'The weights of a model folder have batch normalisation folded in. Use --batch-norm folded, ' +
        'or export the --checkpoint that the model was made from.',
    );
  }
  const layout = 'kernels [kh,kw,Cin,Cout], fully connected layers [in,out]';
  const metadata = { ...source.metadata, batchNorm: form, layout };
  await writeWholeFile(path, encodeSafetensors(arrays, metadata));
}
