import type { EmotionRecognizer, Point, RecognizerOptions } from 'emotion-cam';

/** What the page says of one picture. */
export type PageAnswer =
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'no-face'; readonly width: number; readonly height: number }
  | {
      readonly kind: 'face';
      /** Size of the picture without the canvas around it. */
      readonly width: number;
      readonly height: number;
      /** In pixels of the picture. "Left" is the picture's left. */
      readonly eyes: readonly [left: Point, right: Point];
      /** In the order of the model's labels. */
      readonly probabilities: readonly number[];
    };

interface Bundle {
  readonly EmotionRecognizer: typeof EmotionRecognizer;
}

let recognizer: EmotionRecognizer | undefined;

/**
 * This module runs in the browser: it loads the bundle as a user's page does.
 *
 * @param bundle - address of the SDK
 */
export async function start(bundle: string, options: RecognizerOptions): Promise<string> {
  const sdk = (await import(bundle)) as Bundle;
  recognizer = await sdk.EmotionRecognizer.create({ ...options, mode: 'image' });
  return recognizer.backend.reason;
}

/**
 * Reads the largest face of each picture.
 *
 * @param pictures - whole image files, base64
 * @param pad - side of the canvas that a picture is put on, in sides of the picture
 */
export async function recognizeAll(
  pictures: readonly string[],
  pad: number,
): Promise<PageAnswer[]> {
  const answers: PageAnswer[] = [];
  for (const picture of pictures) answers.push(await recognizeOne(picture, pad));
  return answers;
}

async function recognizeOne(picture: string, pad: number): Promise<PageAnswer> {
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(new Blob([bytes]));
  } catch (error) {
    return { kind: 'unreadable', reason: String(error) };
  }
  const { width, height } = image;
  const left = Math.round(((pad - 1) * width) / 2);
  const top = Math.round(((pad - 1) * height) / 2);
  const { faces } = await recognizer!.recognize(pad > 1 ? padded(image, pad, left, top) : image);
  image.close();
  const [face] = faces;
  if (!face) return { kind: 'no-face', width, height };
  const [leftEye, rightEye] = face.keyPoints;
  const inPicture = ({ x, y }: Point): Point => ({ x: x - left, y: y - top });
  return {
    kind: 'face',
    width,
    height,
    eyes: [inPicture(leftEye), inPicture(rightEye)],
    probabilities: recognizer!.manifest.labels.map((label) => face.scores[label]),
  };
}

/** The picture in the middle of a canvas that has its mean colour. */
function padded(image: ImageBitmap, pad: number, left: number, top: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(Math.round(pad * image.width), Math.round(pad * image.height));
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(image, left, top);
  const { data } = context.getImageData(left, top, image.width, image.height);
  const mean = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let i = channel; i < data.length; i += 4) sum += data[i]!;
    return Math.round(sum / (data.length / 4));
  });
  context.fillStyle = `rgb(${mean.join(' ')})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, left, top);
  return canvas;
}
