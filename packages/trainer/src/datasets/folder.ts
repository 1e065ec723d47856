import { extname, join } from 'node:path';
import { EMOTIONS, type Emotion } from 'emotion-cam/network';
import { TrainerError } from '../errors.js';
import { contentHashes } from './content-hashes.js';
import type { FrameCorrection, OpenedSet, Sample, Split } from './dataset.js';
import { expectedLayout, isFolder, listFolder } from './layout.js';
import { once } from './once.js';

/** What people call our emotions. */
const SYNONYMS: Readonly<Record<Emotion, readonly string[]>> = {
  neutral: ['neutrality'],
  happiness: ['happy', 'joy'],
  surprise: ['surprised'],
  sadness: ['sad'],
  anger: ['angry'],
  disgust: ['disgusted'],
  fear: ['fearful', 'afraid', 'scared'],
};

const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.webp'];

/** Folders that hold one split each, where the root has them. */
const SPLIT_FOLDERS = ['train', 'val', 'test'] as const;
type SplitFolder = (typeof SPLIT_FOLDERS)[number];

/** Nothing is known of the images: they are taken for the canonical face. */
const FOLDER_FRAME: FrameCorrection = { scale: 1, shiftX: 0, shiftY: 0 };

/** One in so many images of each class is held out where there is no `val` folder. */
const VALIDATION_ONE_IN = 10;

/**
 * Anybody's own images: one folder for each emotion, below the root or below `train/`, `val/` and
 * `test/`. The largest square in the middle of each image is taken for the canonical face: eyes at
 * about 28 and 72 per cent of its width and 34 per cent of its height. Without a `val` folder, `val`
 * is a tenth of each class (one image at least, if there are two), chosen by content, so that equal
 * images stay on one side and new images hardly move the old ones.
 *
 * @throws {TrainerError} `dataset-layout`; `dataset-labels` naming a folder that is no emotion
 */
export async function openFolder(root: string): Promise<OpenedSet> {
  const names = await listFolder('folder', root);
  const present: SplitFolder[] = [];
  for (const name of SPLIT_FOLDERS) {
    if (names.includes(name) && (await isFolder(join(root, name)))) present.push(name);
  }
  const isSplit = present.length > 0;
  if (isSplit && !present.includes('train')) {
    throw new TrainerError(
      'dataset-layout',
      `${root} holds ${present.join(' and ')} but no train folder. ${expectedLayout('folder')}`,
    );
  }
  const read = (split: SplitFolder): (() => Promise<Sample[]>) =>
    once(() => samplesOf(isSplit ? join(root, split) : root, isSplit ? `${split}/` : ''));
  const of = { train: read('train'), val: read('val'), test: read('test') };
  const hasVal = present.includes('val');
  const samples = async (split: Split): Promise<Sample[]> => {
    if (split === 'test') return of.test();
    const train = await of.train();
    if (split === 'train-all') return hasVal ? [...train, ...(await of.val())] : train;
    if (hasVal) return split === 'val' ? of.val() : train;
    const heldOut = validationGroups(train);
    return train.filter(({ group }) => heldOut.has(group) === (split === 'val'));
  };
  return {
    layout: isSplit ? `folders ${present.join(', ')}` : 'one folder',
    frame: FOLDER_FRAME,
    splits: ['train', 'val', ...(present.includes('test') ? (['test'] as const) : []), 'train-all'],
    split: async (split) => ({ samples: await samples(split), dropped: {} }),
  };
}

/** The images below the folders of emotions. */
async function samplesOf(folder: string, prefix: string): Promise<Sample[]> {
  const files: { id: string; path: string; label: number }[] = [];
  for (const name of await listFolder('folder', folder)) {
    if (name.startsWith('.') || !(await isFolder(join(folder, name)))) continue;
    const label = EMOTIONS.indexOf(emotionOf(name) ?? throwUnknown(join(folder, name)));
    for (const file of await listFolder('folder', join(folder, name))) {
      if (file.startsWith('.') || !EXTENSIONS.includes(extname(file).toLowerCase())) continue;
      files.push({ id: `${prefix}${name}/${file}`, path: join(folder, name, file), label });
    }
  }
  if (files.length === 0) {
    throw new TrainerError(
      'dataset-layout',
      `There is no image in a folder of ${folder}. ${expectedLayout('folder')}`,
    );
  }
  const sources = files.map(({ path }) => ({ kind: 'file', path }) as const);
  const hashes = await contentHashes(sources);
  return files.map(({ id, label }, i) => ({
    id,
    source: sources[i]!,
    crop: { kind: 'centre-square' },
    label,
    hash: hashes[i],
    group: hashes[i] ?? id,
  }));
}

function emotionOf(folder: string): Emotion | undefined {
  const name = folder.toLowerCase();
  return EMOTIONS.find((emotion) => emotion === name || SYNONYMS[emotion].includes(name));
}

function throwUnknown(folder: string): never {
  const names = EMOTIONS.map((emotion) => `${emotion} (${SYNONYMS[emotion].join(', ')})`);
  throw new TrainerError(
    'dataset-labels',
    `The folder ${folder} is not named for one of our emotions. Known names: ${names.join(', ')}. ` +
      'Rename the folder, or move it out of the set.',
  );
}

/** Of each class, the tenth of the contents whose hashes come first. */
function validationGroups(samples: readonly Sample[]): Set<string> {
  const labelOfGroup = new Map(samples.map(({ group, label }) => [group, label]));
  const heldOut = EMOTIONS.flatMap((_, label) => {
    const groups = [...labelOfGroup].filter((entry) => entry[1] === label).map(([group]) => group);
    const count = Math.max(1, Math.round(groups.length / VALIDATION_ONE_IN));
    return groups.length < 2 ? [] : groups.sort().slice(0, count);
  });
  return new Set(heldOut);
}
