import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Dataset, DatasetName, Sample, Split } from '../datasets/dataset.js';
import { labelsOf, requireLabels } from '../datasets/label-sets.js';
import { openDataset } from '../datasets/load-dataset.js';
import { TrainerError } from '../errors.js';
import type { Evaluation } from '../evaluate.js';
import { nameOfSource } from '../image.js';
import { computeMetrics, type Metrics } from '../metrics.js';
import { modelOfFolder } from '../model-source.js';
import { provenance } from '../provenance.js';
import type { Reporter } from '../reporter.js';
import type { Provenance } from '../results.js';
import { expectedEyes, eyeOffsets, type EyeOffsets, type Eyes } from './eye-offsets.js';
import { withMissedFaces } from './missed-faces.js';
import type { PageAnswer } from './page.js';
import { openSdkPage, type SdkBackend } from './sdk-page.js';

/** What is measured, and how. */
export interface EndToEndOptions {
  /** A folder that `export` wrote; the packaged model by default. */
  readonly model?: string;
  readonly dataset: DatasetName;
  readonly root: string;
  readonly split: Split;
  /** Side of the canvas that an image is put on, in sides of the image; by default as the set needs. */
  readonly pad?: number;
  /** Measures only so many images, evenly over the split. */
  readonly limit?: number;
  readonly backend: SdkBackend;
  readonly reporter: Reporter;
}

/**
 * What a user of the SDK gets: detector, crop and network. The figures count an image without a face
 * as wrong ({@link withMissedFaces}).
 */
export interface EndToEndEvaluation extends Evaluation {
  readonly kind: 'end-to-end';
  readonly facesFound: number;
  /** Images of each class in which no face was found. */
  readonly missedByClass: readonly number[];
  /** Without the images in which no face was found. */
  readonly found: Metrics;
  readonly pad: number;
  /** Images of the split, of which `count` were measured. */
  readonly imagesOfSplit: number;
  readonly eyes: EyeOffsets;
  readonly provenance: Provenance;
}

/** The model that comes with the SDK. */
export const PACKAGED_MODEL: string = fileURLToPath(
  new URL('../../../../models/fdrl-ecanet', import.meta.url),
);

/** A tight crop leaves the detector no room around the face: it gets a canvas twice its size. */
const PAD_OF_TIGHT_CROPS = 2;

/** Images that go to the page at a time. */
const BATCH = 16;

/**
 * Measures the SDK as it is built, in headless Chromium, on one split of a set.
 *
 * @throws {TrainerError} `labels-differ`, those of the set's reader and of {@link openSdkPage};
 *   `dataset-empty` where no face was found at all
 */
export async function evaluateEndToEnd(options: EndToEndOptions): Promise<EndToEndEvaluation> {
  const { dataset: name, root, split, limit, backend, reporter } = options;
  const folder = options.model ?? PACKAGED_MODEL;
  const { manifest } = await modelOfFolder(folder);
  const wanted = { by: `the data set ${name}`, labels: labelsOf(name) };
  requireLabels(`The model ${folder}`, manifest.labels, wanted);
  const dataset = await openDataset(name, root, split);
  const samples = evenly(dataset.samples, limit);
  const pad = options.pad ?? padOf(dataset);

  const page = await openSdkPage({
    backend,
    reporter,
    ...(options.model === undefined ? {} : { model: options.model }),
  });
  const answers: PageAnswer[] = [];
  try {
    reporter.line(`Chromium: ${page.backend} Canvas: ${pad} times the image.`);
    const progress = reporter.progressOf('images');
    progress(0, samples.length);
    for (let from = 0; from < samples.length; from += BATCH) {
      const files = await Promise.all(samples.slice(from, from + BATCH).map(fileOf));
      answers.push(...(await page.recognize(files, pad)));
      progress(answers.length, samples.length);
    }
  } finally {
    reporter.progressDone();
    await page.close();
  }
  return {
    kind: 'end-to-end',
    model: join('models', manifest.name),
    dataset: name,
    split,
    imageSize: manifest.input.size,
    temperature: manifest.temperature,
    isFlipped: false,
    backend: `chromium ${backend}`,
    ...summarise(dataset, samples, answers),
    pad,
    imagesOfSplit: dataset.samples.length,
    provenance: provenance(),
  };
}

function summarise(
  { labels, frame, name }: Dataset,
  samples: readonly Sample[],
  answers: readonly PageAnswer[],
): Metrics &
  Pick<EndToEndEvaluation, 'unreadable' | 'facesFound' | 'missedByClass' | 'found' | 'eyes'> {
  const missedByClass = labels.map(() => 0);
  const truth: number[] = [];
  const probabilities: number[] = [];
  const faces: { found: Eyes; expected: Eyes }[] = [];
  let unreadable = 0;
  answers.forEach((answer, i) => {
    const sample = samples[i]!;
    if (answer.kind === 'unreadable') unreadable += 1;
    else if (answer.kind === 'no-face') missedByClass[sample.label]! += 1;
    else {
      truth.push(sample.label);
      probabilities.push(...answer.probabilities);
      faces.push({ found: answer.eyes, expected: expectedEyes(sample, frame, answer) });
    }
  });
  if (truth.length === 0) {
    throw new TrainerError(
      'dataset-empty',
      `In none of ${samples.length} images of ${name} was a face found (${unreadable} unreadable). ` +
        'Tight crops need room around the face: --pad 2.',
    );
  }
  const found = computeMetrics(truth, probabilities, labels);
  return {
    ...withMissedFaces(found, missedByClass),
    unreadable,
    facesFound: truth.length,
    missedByClass,
    found,
    eyes: eyeOffsets(faces),
  };
}

/** Sets of whole photographs say where the face is; the others are cut to it already. */
function padOf({ samples }: Dataset): number {
  return samples.some(({ crop }) => crop?.kind === 'square') ? 1 : PAD_OF_TIGHT_CROPS;
}

/** So many of a list, evenly over it. */
function evenly<T>(list: readonly T[], limit = list.length): readonly T[] {
  if (limit >= list.length) return list;
  return Array.from({ length: limit }, (_, i) => list[Math.floor((i * list.length) / limit)]!);
}

/** The whole image as a file that a browser reads. A file that is not there is unreadable there. */
async function fileOf({ source }: Sample): Promise<Buffer> {
  if (source.kind === 'grey') {
    const { values, width, height } = source;
    return sharp(values, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer();
  }
  return readFile(nameOfSource(source)).catch(() => Buffer.alloc(0));
}
