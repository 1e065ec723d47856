import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import {
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  forward,
  gradCam,
  heatColour,
  inferenceLayers,
  resizeHeatMaps,
  type Weights,
} from 'emotion-cam/network';
import sharp from 'sharp';
import { renderInput } from '../augment.js';
import { initialiseBackend } from '../backend.js';
import type { FrameCorrection } from '../datasets/dataset.js';
import { TrainerError } from '../errors.js';
import { decodeImage, type PixelView } from '../image.js';
import type { EvaluatedModel } from '../model-source.js';
import { percent } from '../percent.js';
import { softmaxRows } from '../probabilities.js';
import { html, type Html } from './html.js';
import type { Section } from './page.js';

/** Which pictures are explained. */
export interface GradCamOptions {
  readonly model: EvaluatedModel;
  /** Pictures of faces, framed as training images are; without it the one that may be published. */
  readonly folder?: string;
}

/** A face to explain. */
interface Picture {
  readonly name: string;
  readonly pixels: PixelView;
  readonly frame: FrameCorrection;
}

/** A photograph in the public domain, and where its eyes are, in pixels (measured by hand). */
const PORTRAIT = {
  name: 'Eileen Collins, NASA (public domain)',
  file: fileURLToPath(new URL('../../../../e2e/fixtures/astronaut.png', import.meta.url)),
  eyes: [
    [203.7, 101.3],
    [246.3, 103.3],
  ],
} as const;

/** Pictures of one's own that are shown at most; each adds about 100 kB. */
const MOST_PICTURES = 40;

/** Side of a shown picture in pixels. */
const SHOWN_SIDE = 192;

/**
 * Figure 8: where the network sees what. Of the portrait every class is explained, of one's own
 * pictures the predicted one.
 *
 * @throws {TrainerError} `argument-invalid` for a folder without pictures, `image-unreadable`
 */
export async function gradCamSection({ model, folder }: GradCamOptions): Promise<Section> {
  const pictures = folder === undefined ? [await portrait()] : await picturesIn(folder);
  await initialiseBackend('wasm');
  const weights: Weights = Object.fromEntries(
    model.weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]),
  );
  try {
    const figures: Html[] = [];
    for (const picture of pictures) {
      figures.push(...(await explain(picture, model, weights, folder === undefined)));
    }
    return {
      id: 'grad-cam',
      title: 'Where the network looks (Figure 8)',
      body: html`
        <p>
          Grad-CAM on the last convolution: the redder a place, the more it speaks for the class,
          relative to the strongest place of the same picture.
          ${
            folder === undefined
              ? 'Only a picture that may be published is shown; the data sets’ may not.'
              : 'These pictures are yours: do not publish this page unless you may publish them.'
          }
        </p>
        <div class="sheet">${figures}</div>
      `,
    };
  } finally {
    tf.dispose(weights);
  }
}

/** The picture as the network gets it, then with the heat of one class or all of them. */
async function explain(
  { name, pixels, frame }: Picture,
  { network, labels, imageSize, temperature }: EvaluatedModel,
  weights: Weights,
  isEveryClass: boolean,
): Promise<Html[]> {
  const input = new Float32Array(imageSize ** 2 * 3);
  renderInput(pixels, frame, null, imageSize, input, 0);
  const { logits, featureMap } = tf.tidy(() => {
    const image = tf.tensor4d(input, [1, imageSize, imageSize, 3]);
    const outputs = forward(image, inferenceLayers(weights), network);
    return { logits: outputs.logits, featureMap: outputs.featureMap };
  });
  const shares = softmaxRows(await logits.data(), labels.length, temperature);
  const byShare = labels.map((_, k) => k).sort((a, b) => shares[b]! - shares[a]!);
  const plain = isEveryClass
    ? [await tile(input, imageSize, undefined, name, `${name}: the picture`)]
    : [];
  const explained: Html[] = [];
  for (const k of isEveryClass ? byShare : byShare.slice(0, 1)) {
    const heat = tf.tidy(() =>
      resizeHeatMaps(gradCam(featureMap, [k], weights, network), imageSize),
    );
    const values = await heat.data();
    heat.dispose();
    const place = warmest(values, imageSize);
    const caption = `${labels[k]!} ${percent(shares[k]!)}${place ? '' : ': nothing speaks for it'}`;
    const what = isEveryClass ? caption : `${name}: ${caption}`;
    const alternative = `${name}: what speaks for ${labels[k]!}, ${place ?? 'which is nothing here'}`;
    explained.push(await tile(input, imageSize, values, what, alternative));
  }
  tf.dispose([logits, featureMap]);
  return [...plain, ...explained];
}

/** Where the heat is, in words, by thirds of the picture; `undefined` where there is none. */
function warmest(heat: ArrayLike<number>, side: number): string | undefined {
  let sum = 0;
  let [x, y] = [0, 0];
  for (let i = 0; i < side * side; i++) {
    const value = heat[i]!;
    sum += value;
    x += value * (i % side);
    y += value * Math.floor(i / side);
  }
  if (sum === 0) return undefined;
  const third = (position: number, names: readonly string[]): string =>
    names[Math.min(2, Math.floor((3 * position) / (sum * side)))]!;
  const row = third(y, ['above', 'in the middle', 'below']);
  return `mostly ${row}, ${third(x, ['left', 'centre', 'right'])}`;
}

/** A picture as data within the page, with heat over it or not. */
async function tile(
  input: Float32Array,
  side: number,
  heat: ArrayLike<number> | undefined,
  caption: string,
  alternative: string,
): Promise<Html> {
  const rgb = new Uint8Array(side * side * 3);
  for (let i = 0; i < rgb.length; i++) {
    const channel = i % 3;
    const value = 255 * (input[i]! * CHANNEL_STD[channel]! + CHANNEL_MEAN[channel]!);
    const warmth = heat?.[Math.floor(i / 3)] ?? 0;
    const colour = heatColour(warmth);
    rgb[i] = Math.round((1 - colour.cover) * value + colour.cover * colour.rgb[channel]!);
  }
  const file = await sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
    .resize(SHOWN_SIDE, SHOWN_SIDE)
    .webp({ quality: 82 })
    .toBuffer();
  const source = `data:image/webp;base64,${file.toString('base64')}`;
  return html`<figure>
    <img src="${source}" width="${SHOWN_SIDE}" height="${SHOWN_SIDE}" alt="${alternative}" />
    <figcaption>${caption}</figcaption>
  </figure>`;
}

async function portrait(): Promise<Picture> {
  const pixels = await decodeImage({ kind: 'file', path: PORTRAIT.file });
  const [[leftX, leftY], [rightX, rightY]] = PORTRAIT.eyes;
  const { leftEye, rightEye } = CANONICAL_EYES;
  const side = Math.hypot(rightX - leftX, rightY - leftY) / (rightEye[0] - leftEye[0]);
  const scale = side / pixels.width;
  const middle = [(leftX + rightX) / 2, (leftY + rightY) / 2] as const;
  const shift = (axis: 0 | 1): number =>
    middle[axis] / pixels.width - 0.5 - scale * ((leftEye[axis] + rightEye[axis]) / 2 - 0.5);
  return {
    name: PORTRAIT.name,
    pixels,
    frame: { scale, shiftX: shift(0), shiftY: shift(1) },
  };
}

async function picturesIn(folder: string): Promise<Picture[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    /\.(png|jpe?g|webp)$/i.test(name),
  );
  if (names.length === 0) {
    throw new TrainerError(
      'argument-invalid',
      `${folder} holds no PNG, JPEG or WebP. Give a folder of faces cut as training images are: ` +
        'square, eyes at about a third of the height.',
    );
  }
  const pictures: Picture[] = [];
  for (const name of names.sort().slice(0, MOST_PICTURES)) {
    const pixels = await decodeImage({ kind: 'file', path: join(folder, name) });
    pictures.push({ name, pixels, frame: { scale: 1, shiftX: 0, shiftY: 0 } });
  }
  return pictures;
}
