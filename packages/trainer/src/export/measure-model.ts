import { CLASS_COUNT, EMOTIONS, type WeightsPrecision } from 'emotion-cam/network';
import type { BackendChoice } from '../backend.js';
import { fitTemperature } from '../calibration.js';
import type { DatasetName } from '../datasets/dataset.js';
import { openSet } from '../datasets/load-dataset.js';
import { measure, type Evaluation, type Measurement } from '../evaluate.js';
import type { FoldConfig } from '../folds.js';
import { computeMetrics } from '../metrics.js';
import type { EvaluatedModel } from '../model-source.js';
import { percent } from '../percent.js';
import { softmaxRows } from '../probabilities.js';
import type { Reporter } from '../reporter.js';
import { formatRobustness, measureRobustness, type Robustness } from '../robustness.js';

/** Accuracy that the smaller variant may lose and still be the default. */
const TOLERATED_LOSS = 0.003;

/** Temperature scaling and what it did, on images that it was not fitted on where there are any. */
export interface Calibration {
  readonly temperature: number;
  /** The split whose images it was fitted on. */
  readonly fittedOn: string;
  /** The split of the two errors below. */
  readonly measuredOn: string;
  readonly expectedCalibrationErrorBefore: number;
  readonly expectedCalibrationErrorAfter: number;
}

/** What an export measures; it stands in the manifest under `metrics`. */
export interface ModelMeasurements {
  /** Every stored precision, and the weights before they were stored, on the validation split. */
  readonly variants: Readonly<Record<'float32' | WeightsPrecision, Evaluation>>;
  readonly defaultVariant: WeightsPrecision;
  readonly calibration: Calibration;
  /** The default variant on the images that chose nothing; only where the set has such a split. */
  readonly confirmation?: Evaluation;
  /** Of the default variant. */
  readonly robustness: Robustness;
}

/** The model in each precision, and what it is measured on. */
export interface MeasureModelOptions {
  readonly models: Readonly<Record<'float32' | WeightsPrecision, EvaluatedModel>>;
  readonly dataset: DatasetName;
  readonly root: string;
  readonly fold: FoldConfig | null;
  readonly backend: BackendChoice;
  readonly reporter: Reporter;
}

/**
 * Measures all variants on the validation split, chooses the default, fits its temperature there,
 * and confirms both on the second held-out split; then changes the images and measures again.
 */
export async function measureModel(options: MeasureModelOptions): Promise<ModelMeasurements> {
  const { models, reporter, ...source } = options;
  const { dataset, root, fold } = source;
  const common = { ...source, reporter };
  const [float32, float16, uint8] = await measure({
    ...common,
    models: [models.float32, models.float16, models.uint8],
    split: 'val',
  });
  const measured = { float32: float32!, float16: float16!, uint8: uint8! };
  const defaultVariant = chooseDefault(measured);
  const { logits, predictions } = measured[defaultVariant];
  const truth = predictions.map((prediction) => prediction.truth);
  const temperature = Number(fitTemperature(logits, truth, CLASS_COUNT).toPrecision(4));

  const model: EvaluatedModel = { ...models[defaultVariant], temperature };
  const isConfirmed = !fold && (await openSet(dataset, root)).splits.includes('val2');
  const [second] = isConfirmed ? await measure({ ...common, models: [model], split: 'val2' }) : [];
  const judged = second ?? measured[defaultVariant];
  const unchanged = atTemperature(judged, temperature);
  const calibration: Calibration = {
    temperature,
    fittedOn: 'val',
    measuredOn: unchanged.split,
    expectedCalibrationErrorBefore: atTemperature(judged, 1).expectedCalibrationError,
    expectedCalibrationErrorAfter: unchanged.expectedCalibrationError,
  };
  reporter.line(
    `Temperature ${temperature.toFixed(3)}: expected calibration error on ${calibration.measuredOn} ` +
      `${percent(calibration.expectedCalibrationErrorBefore, 2)} before, ` +
      `${percent(calibration.expectedCalibrationErrorAfter, 2)} after`,
  );
  const robustness = await measureRobustness(model, unchanged, {
    ...common,
    split: unchanged.split,
  });
  reporter.line(formatRobustness(robustness));
  return {
    variants: {
      float32: atTemperature(measured.float32, temperature),
      float16: atTemperature(measured.float16, temperature),
      uint8: atTemperature(measured.uint8, temperature),
    },
    defaultVariant,
    calibration,
    ...(second && { confirmation: unchanged }),
    robustness,
  };
}

/** The small variant, unless it loses too much. */
function chooseDefault({
  float16,
  uint8,
}: Readonly<Record<WeightsPrecision, Measurement>>): WeightsPrecision {
  const loss = float16.evaluation.accuracy - uint8.evaluation.accuracy;
  return loss <= TOLERATED_LOSS ? 'uint8' : 'float16';
}

/** The same evaluation with another temperature: no prediction changes, the confidences do. */
function atTemperature(
  { evaluation, predictions, logits }: Measurement,
  temperature: number,
): Evaluation {
  const truth = predictions.map((prediction) => prediction.truth);
  const probabilities = softmaxRows(logits, CLASS_COUNT, temperature);
  return { ...evaluation, temperature, ...computeMetrics(truth, probabilities, EMOTIONS) };
}
