import { join } from 'node:path';
import { CANONICAL_EYES, EMOTIONS, type Emotion, type EyeTemplate } from 'emotion-cam/network';
import { TrainerError } from '../errors.js';
import { createRng } from '../rng.js';
import type { Dataset, FrameCorrection, Sample, Split } from './dataset.js';
import { expectedLayout, listFolder } from './layout.js';

/** CK+48's folders. `contempt` has no class of ours; no folder is neutral. */
const CK_PLUS_FOLDERS: Readonly<Record<string, Emotion | null>> = {
  anger: 'anger',
  contempt: null,
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happiness',
  sadness: 'sadness',
  surprise: 'surprise',
};

/** Where the eyes lie in CK+48's images (measured with the runtime's face detector). */
const CK_PLUS_EYES: EyeTemplate = { leftEye: [0.32, 0.42], rightEye: [0.69, 0.42] };

/** Share of the subjects that are held out for validation. */
const VALIDATION_SHARE = 0.1;

/** Never changes, so that the held-out subjects are the same in every run. */
const VALIDATION_SEED = 20240502;

/**
 * CK+48: the last three frames of 327 sequences, grey, 48x48. Its seven folders hold contempt where
 * our seven classes have neutral; contempt is left out and the class neutral stays empty. The
 * three frames of a sequence are nearly the same, so whole subjects are held out: `val` is a tenth
 * of the subjects, `train` the others. The set has no official test split.
 *
 * @param root - the folder that holds `CK+48/`
 * @throws {TrainerError} `dataset-layout`, `dataset-labels` or `dataset-split`
 */
export async function readCkPlus(root: string, split: Split): Promise<Dataset> {
  if (split === 'test') {
    throw new TrainerError(
      'dataset-split',
      'CK+ has no official test split. Use train, val or train-all (all subjects).',
    );
  }
  const setFolder = join(root, 'CK+48');
  const folders = await listFolder('ck-plus', setFolder);
  const samples: Sample[] = [];
  let contempt = 0;
  for (const folder of folders) {
    const emotion = CK_PLUS_FOLDERS[folder];
    if (emotion === undefined) continue; // not a class folder
    const names = await listFolder('ck-plus', join(setFolder, folder));
    const images = names.filter((name) => name.endsWith('.png'));
    if (emotion === null) {
      contempt += images.length;
      continue;
    }
    for (const name of images) {
      const subject = /^(S\d+)_\d+_\d+\.png$/.exec(name)?.[1];
      if (!subject) {
        throw new TrainerError(
          'dataset-labels',
          `The file name ${join(setFolder, folder, name)} does not tell its subject. ` +
            'Expected S<subject>_<sequence>_<frame>.png. Remove or rename the file.',
        );
      }
      samples.push({
        id: `${folder}/${name.replace(/\.png$/, '')}`,
        path: join(setFolder, folder, name),
        label: EMOTIONS.indexOf(emotion),
        group: subject,
      });
    }
  }
  if (samples.length === 0) {
    throw new TrainerError(
      'dataset-layout',
      `No image in a class folder (${Object.keys(CK_PLUS_FOLDERS).join(', ')}) of ${setFolder}. ` +
        expectedLayout('ck-plus'),
    );
  }
  const validation = validationSubjects(samples);
  const kept = samples.filter(
    ({ group }) => split === 'train-all' || validation.has(group) === (split === 'val'),
  );
  const frame = frameFromEyes(CK_PLUS_EYES);
  return { name: 'ck-plus', split, samples: kept, frame, dropped: { contempt } };
}

function validationSubjects(samples: readonly Sample[]): Set<string> {
  const subjects = [...new Set(samples.map(({ group }) => group))].sort();
  createRng(VALIDATION_SEED).shuffle(subjects);
  return new Set(subjects.slice(0, Math.round(subjects.length * VALIDATION_SHARE)));
}

/** The correction (scale and shift) that puts level eyes on the canonical ones. */
function frameFromEyes({ leftEye, rightEye }: EyeTemplate): FrameCorrection {
  const { leftEye: left, rightEye: right } = CANONICAL_EYES;
  const scale = (rightEye[0] - leftEye[0]) / (right[0] - left[0]);
  // The middle of the eyes, solved for the shift in 0.5 + shift + scale * (canonical - 0.5).
  const shift = (axis: 0 | 1): number =>
    (leftEye[axis] + rightEye[axis]) / 2 - 0.5 - scale * ((left[axis] + right[axis]) / 2 - 0.5);
  return { scale, shiftX: shift(0), shiftY: shift(1) };
}
