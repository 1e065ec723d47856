import { join } from 'node:path';
import { contentHashes } from './content-hashes.js';
import type { FrameCorrection, OpenedSet } from './dataset.js';
import {
  FER_SPLITS,
  ferSplit,
  type FerImage,
  type FerPart,
  type FerPartName,
} from './fer-parts.js';
import { areVotes, verdictOf } from './fer-votes.js';
import { FER2013_FILE, FERPLUS_FILE, ferPlusTables } from './fer2013-csv.js';
import {
  isFile,
  labelError,
  listFolder,
  readLabelLines,
  requireImages,
  type LabelLine,
} from './layout.js';
import { once } from './once.js';

const FOLDERS: Readonly<Record<FerPartName, string>> = {
  train: 'FER2013Train',
  val: 'FER2013Valid',
  test: 'FER2013Test',
};

/**
 * FER2013 frames the face about 1.24 times wider than the canonical face (measured with the
 * runtime's detector) and does not align it, so there is no eye position to correct by. The shift
 * brings the mean training image onto RAF-DB's (best correlation at that scale: y 0.02, up to 0.025
 * around it).
 */
export const FER_FRAME: FrameCorrection = { scale: 1 / 1.24, shiftX: 0, shiftY: 0.02 };

/**
 * FER+: the grey 48x48 images of FER2013 with ten votes each, as folders of PNG files or, where
 * those are not there, as FER2013's table of pixels with FER+'s table of votes. Labels are by
 * {@link verdictOf}, splits by {@link ferSplit}.
 *
 * @param root - the folder that holds `FER2013Train/`, `FER2013Valid/` and `FER2013Test/`, or
 *   `fer2013.csv` and `fer2013new.csv`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function openFerPlus(root: string): Promise<OpenedSet> {
  const names = await listFolder('ferplus', root);
  const hasFolders = Object.values(FOLDERS).some((folder) => names.includes(folder));
  const hasTables = await isFile(join(root, FER2013_FILE));
  const parts =
    hasTables && !hasFolders
      ? await ferPlusTables(root)
      : {
          train: folderPart(join(root, FOLDERS.train)),
          val: folderPart(join(root, FOLDERS.val)),
          test: folderPart(join(root, FOLDERS.test)),
        };
  return {
    layout: hasTables && !hasFolders ? `${FER2013_FILE} with ${FERPLUS_FILE}` : 'folders of PNG',
    frame: FER_FRAME,
    splits: FER_SPLITS,
    split: (split) => ferSplit(parts, split),
  };
}

/** One of the folders with its `label.csv`. */
function folderPart(folder: string): FerPart {
  const hashes = once(() => hashesOfFolder(folder));
  return {
    hashes: async () => (await hashes()).values(),
    images: once(async (): Promise<FerImage[]> => {
      const rows = await readRows(folder);
      const known = await hashes();
      const images = rows.map(({ name, votes }) => ({
        id: name.replace(/\.png$/, ''),
        source: { kind: 'file', path: join(folder, name) } as const,
        hash: known.get(name),
        ...verdictOf(votes),
      }));
      requireImages(
        'ferplus',
        folder,
        images,
        images.map(({ hash }) => hash),
      );
      return images;
    }),
  };
}

interface Row {
  readonly name: string;
  readonly votes: readonly number[];
}

async function readRows(folder: string): Promise<Row[]> {
  const labelFile = join(folder, 'label.csv');
  const lines = await readLabelLines('ferplus', labelFile);
  return lines
    .filter(({ text }) => !text.startsWith(',')) // FER+ lists images it has removed without a name
    .map((line) => parseRow(labelFile, line));
}

/** `fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0`: name, box, ten votes. */
function parseRow(labelFile: string, line: LabelLine): Row {
  const [, name, list] = /^([^,]+\.png),"[^"]*",([\d.,]+)$/.exec(line.text) ?? [];
  const votes = list?.split(',').map(Number) ?? [];
  if (!name || !areVotes(votes)) {
    throw labelError(labelFile, line, 'a name, a box in quotes and ten numbers of votes');
  }
  return { name, votes };
}

/** Contents of a folder's images by name; none if it is not there. */
async function hashesOfFolder(folder: string): Promise<Map<string, string>> {
  const names = (await listFolder('ferplus', folder).catch(() => [])).filter((name) =>
    name.endsWith('.png'),
  );
  const hashes = await contentHashes(
    names.map((name) => ({ kind: 'file', path: join(folder, name) })),
  );
  return new Map(
    names.flatMap((name, i) => {
      const hash = hashes[i];
      return hash === undefined ? [] : [[name, hash]];
    }),
  );
}
