import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { createRng } from '../rng.js';
import { CK_PLUS_EMOTIONS, type CkPlusEmotion, type CkPlusImage } from './ck-plus-image.js';
import { ckPlus48Images, CK_PLUS_48_FRAME } from './ck-plus-48.js';
import { ckPlusOfficialImages, CK_PLUS_OFFICIAL_FRAME } from './ck-plus-official.js';
import { contentHashes } from './content-hashes.js';
import type { OpenedSet } from './dataset.js';
import { labelsOf } from './label-sets.js';
import { expectedLayout, isFolder } from './layout.js';

/** Share of the subjects that are held out for validation. */
const VALIDATION_SHARE = 0.1;

/** Never changes, so that the held-out subjects are the same in every run. */
const VALIDATION_SEED = 20240502;

/**
 * CK+: the last three frames of 327 sequences, as CK+48's crops or in the official layout (which
 * `CK+48/` goes before). `ck-plus` is the paper's set: 981 images of seven classes, contempt in the
 * place of neutral; `ck-plus-basic` leaves contempt out, and its class neutral stays empty. The
 * three frames of a sequence are nearly the same, so whole subjects are held out: `val` is a tenth
 * of the subjects, `train` the others. The set has no official test split.
 *
 * @param root - the folder that holds `CK+48/`, or `cohn-kanade-images/` and `Emotion/`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function openCkPlus(
  root: string,
  name: 'ck-plus' | 'ck-plus-basic',
): Promise<OpenedSet> {
  const hasCrops = await isFolder(join(root, 'CK+48'));
  const { layout, images } = hasCrops
    ? await ckPlus48Images(root)
    : await ckPlusOfficialImages(root);
  if (images.length === 0) {
    throw new TrainerError(
      'dataset-layout',
      `No labelled image of an emotion (${Object.keys(CK_PLUS_EMOTIONS).join(', ')}) in ${root}. ` +
        expectedLayout(name),
    );
  }
  const hashes = await contentHashes(images.map(({ source }) => source));
  const labels = labelsOf(name);
  const all = images.map(({ emotion, subject, ...image }, i) => ({
    ...image,
    label: labels.indexOf(CK_PLUS_EMOTIONS[emotion]),
    hash: hashes[i],
    group: subject,
  }));
  const validation = validationSubjects(images, labels.includes('contempt'));
  return {
    layout,
    frame: hasCrops ? CK_PLUS_48_FRAME : CK_PLUS_OFFICIAL_FRAME,
    splits: ['train', 'val', 'train-all'],
    split: (split) => {
      const chosen = all.filter(
        ({ group }) => split === 'train-all' || validation.has(group) === (split === 'val'),
      );
      const samples = chosen.filter(({ label }) => label >= 0);
      const contempt = chosen.length - samples.length;
      return { samples, dropped: contempt > 0 ? { contempt } : {} };
    },
  };
}

/**
 * A tenth of the subjects that show an emotion of ours; with contempt, which few subjects show, also
 * a tenth of those, as there would be none to validate on otherwise.
 */
function validationSubjects(images: readonly CkPlusImage[], hasContempt: boolean): Set<string> {
  const tenth = (isShown: (emotion: CkPlusEmotion) => boolean): string[] => {
    const shown = images.filter(({ emotion }) => isShown(emotion));
    const subjects = [...new Set(shown.map(({ subject }) => subject))].sort();
    createRng(VALIDATION_SEED).shuffle(subjects);
    return subjects.slice(0, Math.round(subjects.length * VALIDATION_SHARE));
  };
  const basic = tenth((emotion) => emotion !== 'contempt');
  return new Set(hasContempt ? [...basic, ...tenth((emotion) => emotion === 'contempt')] : basic);
}
