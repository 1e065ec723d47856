import { readdir, readFile, stat } from 'node:fs/promises';
import { TrainerError } from '../errors.js';
import { nameOfSource } from '../image.js';
import type { DatasetName, Sample } from './dataset.js';

const CK_PLUS_LAYOUT =
  '<root>/CK+48/<emotion>/S010_004_00000017.png, …; or <root>/cohn-kanade-images/S005/001/*.png and ' +
  '<root>/Emotion/S005/001/*_emotion.txt, with <root>/Landmarks/ where you have it';

/** The official layout of each set, below the root folder, as error messages show it. */
const LAYOUTS: Readonly<Record<DatasetName, string>> = {
  'raf-db':
    '<root>/basic/EmoLabel/list_patition_label.txt and <root>/basic/Image/aligned/train_00001_aligned.jpg, …, test_0001_aligned.jpg, …',
  ferplus:
    '<root>/FER2013Train/, <root>/FER2013Valid/ and <root>/FER2013Test/, each with label.csv and fer0000000.png, …; or <root>/fer2013.csv and <root>/fer2013new.csv',
  fer2013: '<root>/fer2013.csv with the columns emotion, pixels, Usage',
  'ck-plus': CK_PLUS_LAYOUT,
  'ck-plus-basic': CK_PLUS_LAYOUT,
  celeba:
    '<root>/img_align_celeba/000001.jpg, …, <root>/list_attr_celeba.txt and <root>/list_eval_partition.txt',
  folder:
    '<root>/<label>/*.png, jpg, jpeg or webp, or the same below <root>/train/, <root>/val/ and <root>/test/',
};

/** "Expected: …" with the layout of a set. */
export function expectedLayout(name: DatasetName): string {
  return `Expected for ${name}: ${LAYOUTS[name]}. Give the folder that holds these as --root.`;
}

/** Whether a path is that of a folder. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Whether a path is that of a file. */
export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** @throws {TrainerError} `dataset-missing` if there is no such folder */
export async function requireRoot(name: DatasetName, root: string): Promise<void> {
  const found = await stat(root).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new TrainerError(
    'dataset-missing',
    `${found ? 'Not a folder' : 'There is no folder'}: ${root}. ${expectedLayout(name)}`,
  );
}

/**
 * File names in a folder, sorted.
 *
 * @throws {TrainerError} `dataset-layout` if there is no such folder
 */
export async function listFolder(name: DatasetName, folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new TrainerError(
      'dataset-layout',
      `The folder ${folder} is missing or cannot be read. ${expectedLayout(name)}`,
      { cause },
    );
  }
}

/** One line of a label file that is not blank. */
export interface LabelLine {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
}

/**
 * The lines of a label file.
 *
 * @throws {TrainerError} `dataset-layout` if the file is missing
 */
export async function readLabelLines(name: DatasetName, file: string): Promise<LabelLine[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new TrainerError(
      'dataset-layout',
      `The label file ${file} is missing or cannot be read. ${expectedLayout(name)}`,
      { cause },
    );
  }
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => line.text !== '');
}

/** The error for a line of a label file that does not say what it should. */
export function labelError(file: string, line: LabelLine, expected: string): TrainerError {
  return new TrainerError(
    'dataset-labels',
    `Line ${line.number} of ${file} is "${line.text}". Expected ${expected}. ` +
      'Restore the file as its owners distribute it.',
  );
}

/**
 * Checks that a label file's images are there at all. Single missing images are not an error here:
 * decoding skips, counts and reports them.
 *
 * @throws {TrainerError} `dataset-layout` if none of them is there
 */
export function requireImages(
  name: DatasetName,
  folder: string,
  images: readonly Pick<Sample, 'source'>[],
  hashes: readonly (string | undefined)[],
): void {
  const [first] = images;
  if (!first || hashes.some((hash) => hash !== undefined)) return;
  throw new TrainerError(
    'dataset-layout',
    `The label file names ${images.length} images but none of them is in ${folder}: ` +
      `the first would be ${nameOfSource(first.source)}. ${expectedLayout(name)}`,
  );
}
