import { join } from 'node:path';
import { EMOTIONS, type Emotion } from 'emotion-cam/network';
import type { ImageSource } from '../image.js';
import { contentHashes } from './content-hashes.js';
import { csvError, csvRows, type CsvRow } from './csv-rows.js';
import { TrainerError } from '../errors.js';
import type { DatasetName } from './dataset.js';
import type { FerPart, FerPartName, UnhashedFerImage } from './fer-parts.js';
import { areVotes, verdictOf, VOTE_TABLE_COLUMNS } from './fer-votes.js';

/** FER2013's table of images. */
export const FER2013_FILE = 'fer2013.csv';
/** FER+'s table of votes: its rows are those of FER2013's table, in the same order. */
export const FERPLUS_FILE = 'fer2013new.csv';

const SIDE = 48;

/** The official parts by their names in the column Usage. */
const USAGES: Readonly<Record<string, FerPartName>> = {
  Training: 'train',
  PublicTest: 'val',
  PrivateTest: 'test',
};

/** FER2013's own numbers, 0 to 6. */
const FER2013_LABELS: readonly Emotion[] = [
  'anger',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
  'neutral',
];

/** One row of FER2013's table. */
interface FerRow {
  readonly row: CsvRow;
  readonly source: ImageSource;
  readonly usage: string;
}

/**
 * FER2013 with its own seven labels.
 *
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function fer2013Table(root: string): Promise<Record<FerPartName, FerPart>> {
  const file = join(root, FER2013_FILE);
  const images: Labelled[] = [];
  for await (const { row, source, usage } of ferRows('fer2013', file)) {
    const label = EMOTIONS.findIndex(
      (name) => name === FER2013_LABELS[Number(row.values['emotion'])],
    );
    if (label < 0) throw csvError(file, row, 'emotion', 'a number from 0 to 6');
    // FER+ names the images so, by their row.
    const id = `fer${String(images.length).padStart(7, '0')}`;
    images.push({ part: partOf(file, row, usage), image: { id, source, label } });
  }
  return partsOf(images);
}

/**
 * FER2013's images with FER+'s votes; images that FER+ removed have no name there and are left out.
 *
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function ferPlusTables(root: string): Promise<Record<FerPartName, FerPart>> {
  const [file, votesFile] = [join(root, FER2013_FILE), join(root, FERPLUS_FILE)];
  const voteRows = csvRows('ferplus', votesFile, ['Usage', 'Image name', ...VOTE_TABLE_COLUMNS]);
  const images: Labelled[] = [];
  let line = 0;
  for await (const { row, source, usage } of ferRows('ferplus', file)) {
    line = row.line;
    const next = await voteRows.next();
    if (next.done) throw unaligned(file, votesFile, row.line);
    const votesRow = next.value;
    if (votesRow.values['Usage'] !== usage) {
      throw csvError(votesFile, votesRow, 'Usage', `"${usage}" as in line ${row.line} of ${file}`);
    }
    const name = votesRow.values['Image name'] ?? '';
    if (name === '') continue;
    const votes = VOTE_TABLE_COLUMNS.map((column) => Number(votesRow.values[column] || NaN));
    if (!areVotes(votes)) {
      throw csvError(votesFile, votesRow, 'neutral', 'ten numbers of votes from this column on');
    }
    images.push({
      part: partOf(file, row, usage),
      image: { id: name.replace(/\.png$/, ''), source, ...verdictOf(votes) },
    });
  }
  if (!(await voteRows.next()).done) throw unaligned(file, votesFile, line);
  return partsOf(images);
}

async function* ferRows(name: DatasetName, file: string): AsyncGenerator<FerRow> {
  for await (const row of csvRows(name, file, ['emotion', 'pixels', 'Usage'])) {
    const values = greyValues(row.values['pixels'] ?? '');
    if (!values) {
      throw csvError(
        file,
        row,
        'pixels',
        `${SIDE * SIDE} numbers from 0 to 255 with spaces between`,
      );
    }
    const origin = `${file}, line ${row.line}`;
    yield {
      row,
      source: { kind: 'grey', width: SIDE, height: SIDE, values, origin },
      usage: row.values['Usage'] ?? '',
    };
  }
}

/** `70 80 82 …`: the values of an image, or nothing if they are not that. */
function greyValues(text: string): Uint8Array | undefined {
  const values = new Uint8Array(SIDE * SIDE);
  const words = text.split(' ');
  if (words.length !== values.length) return undefined;
  for (let i = 0; i < values.length; i++) {
    const word = words[i]!;
    const value = Number(word);
    if (word === '' || !Number.isInteger(value) || value < 0 || value > 255) return undefined;
    values[i] = value;
  }
  return values;
}

function partOf(file: string, row: CsvRow, usage: string): FerPartName {
  const part = USAGES[usage];
  if (!part) throw csvError(file, row, 'Usage', `one of ${Object.keys(USAGES).join(', ')}`);
  return part;
}

function unaligned(file: string, votesFile: string, line: number): TrainerError {
  return new TrainerError(
    'dataset-labels',
    `${file} and ${votesFile} have different numbers of rows (the first ends or goes on at line ` +
      `${line}). Their rows must be the same images in the same order: restore both.`,
  );
}

interface Labelled {
  readonly part: FerPartName;
  readonly image: UnhashedFerImage;
}

/** Hashes the images and sorts them by part. */
async function partsOf(labelled: readonly Labelled[]): Promise<Record<FerPartName, FerPart>> {
  const hashes = await contentHashes(labelled.map(({ image }) => image.source));
  const part = (name: FerPartName): FerPart => {
    const images = labelled.flatMap(({ part: own, image }, i) =>
      own === name ? [{ ...image, hash: hashes[i] }] : [],
    );
    return {
      images: () => Promise.resolve(images),
      hashes: () => Promise.resolve(images.map(({ hash }) => hash!)),
    };
  };
  return { train: part('train'), val: part('val'), test: part('test') };
}
