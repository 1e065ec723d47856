import { join } from 'node:path';
import { EMOTIONS } from 'emotion-cam/network';
import { contentHashes } from './content-hash.js';
import type { Dataset, FrameCorrection, Sample, Split } from './dataset.js';
import { labelError, listFolder, readLabelLines, requireImages, type LabelLine } from './layout.js';

const FOLDERS = { train: 'FER2013Train', val: 'FER2013Valid', test: 'FER2013Test' } as const;
type Folder = keyof typeof FOLDERS;

/** The columns of votes in `label.csv`, in its order. */
const VOTE_COLUMNS = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'not-a-face',
] as const;
type VoteColumn = (typeof VOTE_COLUMNS)[number];

/**
 * FER+ frames the face about 1.24 times wider than the canonical face (measured with the runtime's
 * detector) and does not align it, so there is no eye position to correct by. The shift brings the
 * mean training image onto RAF-DB's (best correlation at that scale: y 0.02, up to 0.025 around it).
 */
const FERPLUS_FRAME: FrameCorrection = { scale: 1 / 1.24, shiftX: 0, shiftY: 0.02 };

interface Row {
  readonly id: string;
  readonly path: string;
  readonly votes: readonly number[];
}

/**
 * FER+: the grey 48x48 images of FER2013 with ten votes each. The hard label is FER+'s "majority"
 * rule ({@link majority}); images whose majority is no class of ours (contempt, unknown, not a face)
 * or that have none are left out, and so are images whose content occurred before. A content that
 * occurs in several splits stays in the one furthest from training: test, then val, then train.
 * The test split itself keeps its duplicates, so that its figures compare with published ones.
 *
 * @param root - the folder that holds `FER2013Train/`, `FER2013Valid/` and `FER2013Test/`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function readFerPlus(root: string, split: Split): Promise<Dataset> {
  const folders: Folder[] = split === 'train-all' ? ['train', 'val'] : [split];
  const guarded: Folder[] = split === 'train' ? ['val', 'test'] : split === 'test' ? [] : ['test'];
  const seen = new Set<string>();
  for (const folder of guarded) {
    for (const hash of await hashesOfFolder(join(root, FOLDERS[folder]))) seen.add(hash);
  }

  const dropped: Record<string, number> = {};
  const drop = (reason: string): void => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const samples: Sample[] = [];
  for (const folder of folders) {
    const rows = await readRows(join(root, FOLDERS[folder]));
    const paths = rows.map(({ path }) => path);
    const hashes = await contentHashes(paths);
    requireImages(
      'ferplus',
      join(root, FOLDERS[folder]),
      paths,
      hashes.map((hash) => hash !== undefined),
    );
    rows.forEach(({ id, path, votes }, i) => {
      const group = hashes[i] ?? id;
      const kept = withoutSingleVotes(votes);
      const winner = majority(kept);
      const label = EMOTIONS.findIndex((emotion) => emotion === winner);
      if (label < 0) {
        drop(winner);
      } else if (split !== 'test' && seen.has(group)) {
        drop('duplicate');
      } else {
        seen.add(group);
        samples.push({ id, path, label, distribution: distributionOf(kept), group });
      }
    });
  }
  return { name: 'ferplus', split, samples, frame: FERPLUS_FRAME, dropped };
}

/** FER+ takes a single vote for an outlier. */
function withoutSingleVotes(votes: readonly number[]): number[] {
  return votes.map((count) => (count > 1 ? count : 0));
}

/** The column with more than half of the votes (Barsoum et al. 2016, "majority voting"). */
function majority(votes: readonly number[]): VoteColumn | 'no-majority' {
  const total = votes.reduce((sum, count) => sum + count, 0);
  return VOTE_COLUMNS.find((_, column) => (votes[column] ?? 0) > total / 2) ?? 'no-majority';
}

/** The votes for our seven classes, scaled to sum 1. */
function distributionOf(votes: readonly number[]): number[] {
  const ours = EMOTIONS.map((emotion) => votes[VOTE_COLUMNS.indexOf(emotion)] ?? 0);
  const total = ours.reduce((sum, count) => sum + count, 0);
  return ours.map((count) => count / total);
}

async function readRows(folder: string): Promise<Row[]> {
  const labelFile = join(folder, 'label.csv');
  const lines = await readLabelLines('ferplus', labelFile);
  return lines
    .filter(({ text }) => !text.startsWith(',')) // FER+ lists images it has removed without a name
    .map((line) => parseRow(folder, labelFile, line));
}

/** `fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0`: name, box, ten votes. */
function parseRow(folder: string, labelFile: string, line: LabelLine): Row {
  const [, name, list] = /^([^,]+\.png),"[^"]*",([\d.,]+)$/.exec(line.text) ?? [];
  const votes = list?.split(',').map(Number) ?? [];
  if (!name || votes.length !== VOTE_COLUMNS.length || !votes.every(Number.isFinite)) {
    throw labelError(labelFile, line, 'a name, a box in quotes and ten numbers of votes');
  }
  return { id: name.replace(/\.png$/, ''), path: join(folder, name), votes };
}

/** Contents of another split's images; none if its folder is not there. */
async function hashesOfFolder(folder: string): Promise<string[]> {
  const names = await listFolder('ferplus', folder).catch(() => []);
  const images = names.filter((name) => name.endsWith('.png')).map((name) => join(folder, name));
  return (await contentHashes(images)).filter((hash) => hash !== undefined);
}
