import { readFile } from 'node:fs/promises';
import { TrainerError } from './errors.js';
import { isObject } from './is-object.js';
import { RESULTS_VERSION, type AnyMetrics, type RunPredictions } from './results.js';

/**
 * What a field must be: a type's name, a list of one kind of element, or an object with at least
 * these fields. Fields that are not named here are passed over: newer results may have more.
 */
type Shape = 'number' | 'string' | 'boolean' | readonly [Shape] | { readonly [key: string]: Shape };

const PER_CLASS = {
  label: 'string',
  precision: 'number',
  recall: 'number',
  f1: 'number',
  support: 'number',
} as const;

const METRICS = {
  count: 'number',
  accuracy: 'number',
  meanClassAccuracy: 'number',
  macroF1: 'number',
  expectedCalibrationError: 'number',
  labels: ['string'],
  confusionMatrix: [['number']],
  perClass: [PER_CLASS],
} as const;

const CHOSEN = { stage: 'number', epoch: 'number', reason: 'string' } as const;
const FOLD = { fold: 'number', seed: 'number', chosen: CHOSEN, metrics: METRICS } as const;
const SPREAD = { mean: 'number', standardDeviation: 'number', values: ['number'] } as const;

const COMMON = {
  name: 'string',
  labels: ['string'],
  config: { seed: 'number', batchSize: 'number', network: {}, losses: {}, stages: [{}] },
  provenance: { command: 'string', created: 'string', machine: { cpu: 'string', cores: 'number' } },
} as const;

/** What one training leaves, whatever it learns. */
const TRAINING = {
  ...COMMON,
  backend: 'string',
  workers: 'number',
  history: [
    {
      stage: 'number',
      epoch: 'number',
      loss: 'number',
      trainAccuracy: 'number',
      validationAccuracy: 'number',
    },
  ],
  chosen: CHOSEN,
  seconds: 'number',
} as const;

const SHAPES: Readonly<Record<AnyMetrics['kind'], Shape>> = {
  run: {
    ...TRAINING,
    evaluations: [{ dataset: 'string', split: 'string', ...METRICS }],
  },
  pretraining: {
    ...TRAINING,
    evaluation: {
      dataset: 'string',
      imageSize: 'number',
      count: 'number',
      accuracy: 'number',
      balancedAccuracy: 'number',
      loss: 'number',
      attributes: [
        { label: 'string', share: 'number', accuracy: 'number', balancedAccuracy: 'number' },
      ],
    },
  },
  'cross-validation': {
    ...COMMON,
    dataset: 'string',
    protocol: 'string',
    folds: 'number',
    runs: [FOLD],
    accuracy: SPREAD,
    meanClassAccuracy: SPREAD,
    macroF1: SPREAD,
    pooled: METRICS,
  },
  ablation: {
    ...COMMON,
    dataset: 'string',
    protocol: 'string',
    rows: [
      {
        name: 'string',
        network: {},
        parameters: 'number',
        runs: [FOLD],
        accuracy: SPREAD,
        meanClassAccuracy: SPREAD,
        pooled: METRICS,
      },
    ],
    comparisons: [
      {
        rows: ['string'],
        difference: 'number',
        interval: ['number'],
        mcnemar: { onlyFirst: 'number', onlySecond: 'number', pValue: 'number' },
      },
    ],
  },
};

const PREDICTIONS: Shape = {
  labels: ['string'],
  sets: [
    {
      dataset: 'string',
      split: 'string',
      predictions: [{ id: 'string', group: 'string', truth: 'number', probabilities: ['number'] }],
    },
  ],
};

const KINDS = Object.keys(SHAPES) as AnyMetrics['kind'][];

/**
 * Reads the `metrics.json` of a run, a pre-training, a cross validation or an ablation.
 *
 * @throws {TrainerError} `results-missing`, `results-version` (another format), `results-invalid`
 *   naming the first field that is not as docs/results.md says
 */
export async function readMetrics(file: string): Promise<AnyMetrics> {
  const json = await readVersioned(file);
  const kind = KINDS.find((name) => name === json['kind']);
  if (!kind) throw invalid(file, 'kind', `one of ${KINDS.join(', ')}`, json['kind']);
  requireShape(file, '', json, SHAPES[kind]);
  return json as unknown as AnyMetrics;
}

/**
 * Reads the `predictions.json` of a run.
 *
 * @throws {TrainerError} as {@link readMetrics}
 */
export async function readPredictions(file: string): Promise<RunPredictions> {
  const json = await readVersioned(file);
  if (json['kind'] !== 'predictions') throw invalid(file, 'kind', '"predictions"', json['kind']);
  requireShape(file, '', json, PREDICTIONS);
  const predictions = json as unknown as RunPredictions;
  const classes = predictions.labels.length;
  predictions.sets.forEach((set, i) => {
    set.predictions.forEach(({ truth, probabilities }, j) => {
      const at = `sets.${i}.predictions.${j}`;
      if (probabilities.length !== classes) {
        throw invalid(file, `${at}.probabilities`, `${classes} shares`, probabilities);
      }
      if (!(truth in predictions.labels)) {
        throw invalid(file, `${at}.truth`, `an index into the ${classes} labels`, truth);
      }
    });
  });
  return predictions;
}

async function readVersioned(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new TrainerError(
      'results-missing',
      `There are no results at ${file}. A run has them once it is finished: go on with ` +
        'train --resume, or name another folder.',
      { cause },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TrainerError(
      'results-invalid',
      `${file} is not JSON: ${(cause as Error).message}. It was cut short or changed; finish the ` +
        'run again with train --resume.',
      { cause },
    );
  }
  if (!isObject(json)) throw invalid(file, 'file', 'an object', json);
  if (json['formatVersion'] !== RESULTS_VERSION) {
    throw new TrainerError(
      'results-version',
      `${file} has the format version ${shown(json['formatVersion'])}; this trainer reads ` +
        `${RESULTS_VERSION}. Use the trainer that wrote it, or finish the run again with this one.`,
    );
  }
  return json;
}

function requireShape(file: string, path: string, value: unknown, shape: Shape): void {
  const at = (key: string | number): string => (path ? `${path}.${key}` : String(key));
  if (typeof shape === 'string') {
    if (typeof value !== shape) throw invalid(file, path, `a ${shape}`, value);
  } else if (isList(shape)) {
    if (!Array.isArray(value)) throw invalid(file, path, 'a list', value);
    value.forEach((element, index) => requireShape(file, at(index), element, shape[0]));
  } else {
    if (!isObject(value)) throw invalid(file, path, 'an object', value);
    for (const [key, inner] of Object.entries(shape)) {
      requireShape(file, at(key), value[key], inner);
    }
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

/** The longest piece of a wrong value that a message shows. */
const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, SHOWN_CHARACTERS);
}

function invalid(file: string, path: string, expected: string, got: unknown): TrainerError {
  return new TrainerError(
    'results-invalid',
    `${file}: "${path}" must be ${expected}, but is ${shown(got)}. The format is described in ` +
      'docs/results.md.',
  );
}
