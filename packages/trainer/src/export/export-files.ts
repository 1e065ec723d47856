import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { requireName } from '../run-name.js';
import { exportModel, type ExportOptions } from './export-model.js';
import { exportOnnx } from './export-onnx.js';
import { exportSafetensors, type BatchNormForm } from './export-safetensors.js';
import { sourceOfCheckpoint, sourceOfFolder } from './weights-source.js';

/** `tfjs`: a folder for the SDK; the others: one file for other runtimes. */
export const EXPORT_FORMATS = ['tfjs', 'safetensors', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Where the weights come from. */
export type ExportOrigin =
  | { readonly checkpoint: string }
  /** A folder that `export` wrote. */
  | { readonly model: string };

/** What an export in any format needs. */
export interface ExportFilesOptions extends Omit<ExportOptions, 'checkpoint'> {
  readonly origin: ExportOrigin;
  readonly formats: readonly ExportFormat[];
  /** Only for safetensors. */
  readonly batchNorm: BatchNormForm | undefined;
}

/**
 * Writes `<out>/<name>/` (tfjs), `<out>/<name>.safetensors` and `<out>/<name>.onnx`, those that are
 * asked for.
 *
 * @returns what was written
 * @throws {TrainerError} of the single formats
 */
export async function exportFiles(options: ExportFilesOptions): Promise<string[]> {
  const { origin, formats, batchNorm, name, out, imageSize, reporter } = options;
  requireName(name);
  const written: string[] = [];
  if (formats.includes('tfjs')) {
    if ('model' in origin) {
      throw new TrainerError(
        'argument-invalid',
        `${origin.model} is a tfjs model already. Use --format safetensors or onnx, or --checkpoint.`,
      );
    }
    written.push(await exportModel({ ...options, checkpoint: origin.checkpoint }));
  }
  if (formats.every((format) => format === 'tfjs')) return written;
  if ('model' in origin && imageSize !== undefined) {
    throw new TrainerError('argument-invalid', 'A --model has its own --image-size. Leave it out.');
  }
  const source =
    'model' in origin
      ? await sourceOfFolder(origin.model)
      : await sourceOfCheckpoint(origin.checkpoint, imageSize);
  if (formats.includes('safetensors')) {
    const path = join(out, `${name}.safetensors`);
    await exportSafetensors(path, source, batchNorm);
    written.push(path);
  }
  if (formats.includes('onnx')) {
    const path = join(out, `${name}.onnx`);
    await exportOnnx(path, source, reporter);
    written.push(path);
  }
  return written;
}
