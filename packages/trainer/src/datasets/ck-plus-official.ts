import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { sizeOfImage, type Crop, type ImageSource } from '../image.js';
import type { CkPlusEmotion, CkPlusImage } from './ck-plus-image.js';
import type { FrameCorrection } from './dataset.js';
import { squareFromEyes, type PixelPoint } from './eyes.js';
import { isFolder, listFolder } from './layout.js';

/** CK+'s own numbers. Its 0, neutral, stands in no file. */
const CK_PLUS_NUMBERS: Readonly<Record<number, CkPlusEmotion>> = {
  1: 'anger',
  2: 'contempt',
  3: 'disgust',
  4: 'fear',
  5: 'happy',
  6: 'sadness',
  7: 'surprise',
};

/** Frames of a sequence that show its emotion: the last ones, as the paper takes them. */
const FRAMES = 3;

/** The stored square is wider than the canonical face, so that augmentation has pixels around it. */
const MARGIN = 1.4;

export const CK_PLUS_OFFICIAL_FRAME: FrameCorrection = { scale: 1 / MARGIN, shiftX: 0, shiftY: 0 };

/**
 * Where the eyes are taken to be without landmarks, in units of the image's width and height. The
 * subjects sit before the camera at one distance, so a fixed place is roughly right; it is an
 * assumption, as no official image was at hand to measure it on.
 */
const DEFAULT_EYES = { distance: 0.15, middleX: 0.5, middleY: 0.42 };

/** Points of an eye among the 68 of a landmark file, counted from 0. */
const LEFT_EYE_POINTS = [36, 42] as const; // from, up to
const RIGHT_EYE_POINTS = [42, 48] as const;
const LANDMARKS = 68;

/**
 * CK+ as it is distributed: whole pictures of 640x490 or 640x480, one label for a sequence. The
 * last three frames of every labelled sequence are cut to the canonical face by the eyes in
 * `Landmarks/` or, where a frame has none, by a fixed place in the picture. Names of images are
 * those of CK+48.
 *
 * @param root - the folder that holds `cohn-kanade-images/`, `Emotion/` and maybe `Landmarks/`
 * @throws {TrainerError} `dataset-layout` or `dataset-labels`
 */
export async function ckPlusOfficialImages(
  root: string,
): Promise<{ layout: string; images: CkPlusImage[] }> {
  const images: CkPlusImage[] = [];
  let withLandmarks = 0;
  for (const { sequence, emotion } of await labelledSequences(root)) {
    const [subject, number] = sequence;
    const folder = join(root, 'cohn-kanade-images', subject, number);
    const frames = (await listFolder('ck-plus', folder)).filter((file) => /^S.*\.png$/.test(file));
    for (const file of frames.slice(-FRAMES)) {
      const name = file.replace(/\.png$/, '');
      const source = { kind: 'file', path: join(folder, file) } as const;
      const landmarks = join(root, 'Landmarks', subject, number, `${name}_landmarks.txt`);
      const measured = await squareFromLandmarks(landmarks);
      if (measured) withLandmarks++;
      const crop = measured ?? (await defaultSquare(source));
      images.push({ id: `${emotion}/${name}`, source, ...(crop && { crop }), subject, emotion });
    }
  }
  const eyes = `eyes from Landmarks/ in ${withLandmarks} of ${images.length} images`;
  return { layout: `official, ${eyes}`, images };
}

interface LabelledSequence {
  /** Subject and number of the sequence: S005, 001. */
  readonly sequence: readonly [string, string];
  readonly emotion: CkPlusEmotion;
}

/** The sequences with an emotion; the folders of the others are empty or missing. */
async function labelledSequences(root: string): Promise<LabelledSequence[]> {
  const sequences: LabelledSequence[] = [];
  const emotionFolder = join(root, 'Emotion');
  for (const subject of await subfolders(emotionFolder)) {
    for (const number of await subfolders(join(emotionFolder, subject))) {
      const folder = join(emotionFolder, subject, number);
      const file = (await listFolder('ck-plus', folder)).find((name) =>
        /^S.*_emotion\.txt$/.test(name),
      );
      if (file === undefined) continue;
      const text = (await readFile(join(folder, file), 'utf8')).trim();
      const emotion = CK_PLUS_NUMBERS[text === '' ? NaN : Number(text)];
      if (!emotion) {
        throw new TrainerError(
          'dataset-labels',
          `${join(folder, file)} says "${text}". Expected one number from 1 (anger) to 7 ` +
            '(surprise). Restore the file as its owners distribute it.',
        );
      }
      sequences.push({ sequence: [subject, number], emotion });
    }
  }
  return sequences;
}

/** Folders of subjects and sequences; what a system leaves beside them (`.DS_Store`) is passed over. */
async function subfolders(folder: string): Promise<string[]> {
  const names = (await listFolder('ck-plus', folder)).filter((name) => /^S?\d+$/.test(name));
  const areFolders = await Promise.all(names.map((name) => isFolder(join(folder, name))));
  return names.filter((_, i) => areFolders[i]);
}

/** The canonical face by the landmarks of a frame; `undefined` where it has none. */
async function squareFromLandmarks(path: string): Promise<Crop | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const numbers = text.trim().split(/\s+/).map(Number);
  if (numbers.length !== 2 * LANDMARKS || !numbers.every(Number.isFinite)) {
    throw new TrainerError(
      'dataset-labels',
      `${path} holds ${numbers.length} values. Expected ${LANDMARKS} lines of two numbers, x and ` +
        'y. Restore the file as its owners distribute it, or remove it.',
    );
  }
  const middle = ([from, to]: readonly [number, number]): PixelPoint => {
    const mean = (axis: 0 | 1): number => {
      let sum = 0;
      for (let point = from; point < to; point++) sum += numbers[2 * point + axis]!;
      return sum / (to - from);
    };
    return [mean(0), mean(1)];
  };
  return squareFromEyes(middle(LEFT_EYE_POINTS), middle(RIGHT_EYE_POINTS), MARGIN);
}

/** The canonical face by the fixed place of the eyes; `undefined` for an image that is unreadable. */
async function defaultSquare(source: ImageSource): Promise<Crop | undefined> {
  const size = await sizeOfImage(source).catch(() => undefined); // decoding reports it
  if (!size) return undefined;
  const { distance, middleX, middleY } = DEFAULT_EYES;
  const half = (distance * size.width) / 2;
  const y = middleY * size.height;
  const middle = middleX * size.width;
  return squareFromEyes([middle - half, y], [middle + half, y], MARGIN);
}
