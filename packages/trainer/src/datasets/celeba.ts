import { join } from 'node:path';
import { contentHashes } from './content-hashes.js';
import type { FrameCorrection, OpenedSet, Sample, Split } from './dataset.js';
import { squareFromEyes } from './eyes.js';
import { CELEBA_ATTRIBUTES } from './label-sets.js';
import { labelError, readLabelLines, requireImages, type LabelLine } from './layout.js';

/** The parts of `list_eval_partition.txt`, by their numbers there. */
const PARTS: Readonly<Record<string, 'train' | 'val' | 'test'>> = {
  0: 'train',
  1: 'val',
  2: 'test',
};

/** All images are 178x218, their eyes (almost) here; "left" is the image's left. */
const LEFT_EYE = [69, 111] as const;
const RIGHT_EYE = [108, 111] as const;

/**
 * What is kept of an image, in canonical crops: everything that the default augmentation can show
 * ((0.5 / 0.85 + 0.08) * (cos 15 + sin 15 degrees) * 2 = 1.6), and no more, for there are 202,599.
 */
const MARGIN = 1.6;
const CROP = squareFromEyes(LEFT_EYE, RIGHT_EYE, MARGIN);
const FRAME: FrameCorrection = { scale: 1 / MARGIN, shiftX: 0, shiftY: 0 };

const SPLITS: readonly Split[] = ['train', 'val', 'test', 'train-all'];

/**
 * CelebA, aligned and cropped images with forty attributes each, in the official split.
 *
 * @param root - the folder that holds `img_align_celeba/` and the two lists
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function openCelebA(root: string): Promise<OpenedSet> {
  const attributeFile = join(root, 'list_attr_celeba.txt');
  const partFile = join(root, 'list_eval_partition.txt');
  const imageFolder = join(root, 'img_align_celeba');
  const attributesOf = readAttributes(attributeFile, await readLabelLines('celeba', attributeFile));
  const labelled = { train: [] as Labelled[], val: [] as Labelled[], test: [] as Labelled[] };
  for (const line of await readLabelLines('celeba', partFile)) {
    const [, name = '', number = ''] = /^(\S+\.jpg)\s+([012])$/.exec(line.text) ?? [];
    const part = PARTS[number];
    if (!part) throw labelError(partFile, line, '"000001.jpg 0" with 0, 1 or 2');
    const attributes = attributesOf.get(name);
    if (!attributes) throw labelError(partFile, line, `an image that ${attributeFile} has as well`);
    labelled[part].push({
      id: name.replace(/\.jpg$/, ''),
      source: { kind: 'file', path: join(imageFolder, name) },
      crop: CROP,
      label: 0,
      attributes,
    });
  }
  return {
    layout: 'img_align_celeba/',
    frame: FRAME,
    splits: SPLITS,
    split: async (split) => {
      const images =
        split === 'train-all'
          ? [...labelled.train, ...labelled.val]
          : labelled[split as 'train' | 'val' | 'test'];
      const hashes = await contentHashes(images.map(({ source }) => source));
      requireImages('celeba', imageFolder, images, hashes);
      return {
        samples: images.map((image, i) => ({
          ...image,
          hash: hashes[i],
          group: hashes[i] ?? image.id,
        })),
        dropped: {},
      };
    },
  };
}

type Labelled = Omit<Sample, 'hash' | 'group' | 'source'> & {
  readonly source: Extract<Sample['source'], { kind: 'file' }>;
};

/** The number of images, the names of the attributes, then a name and forty times 1 or -1 each. */
function readAttributes(file: string, lines: readonly LabelLine[]): Map<string, Uint8Array> {
  const [counted, names, ...rows] = lines;
  const count = Number(counted?.text);
  if (!counted || !Number.isInteger(count) || count !== rows.length) {
    const line = counted ?? { number: 1, text: '' };
    throw labelError(file, line, `the number of images, which is ${rows.length} here`);
  }
  if (!names || names.text.split(/\s+/).join(' ') !== CELEBA_ATTRIBUTES.join(' ')) {
    const line = names ?? { number: 2, text: '' };
    throw labelError(file, line, `the attributes ${CELEBA_ATTRIBUTES.join(' ')}`);
  }
  return new Map(
    rows.map((line) => {
      const [name = '', ...values] = line.text.split(/\s+/);
      const isWhole =
        values.length === CELEBA_ATTRIBUTES.length && values.every((v) => v === '1' || v === '-1');
      if (!isWhole) {
        throw labelError(file, line, `a name and ${CELEBA_ATTRIBUTES.length} times 1 or -1`);
      }
      return [name, Uint8Array.from(values, (value) => Number(value === '1'))];
    }),
  );
}
