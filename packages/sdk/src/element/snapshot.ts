import { EmotionCamError } from '../errors.js';
import type { FaceReading } from '../reading.js';
import { shownBox, type FaceView } from './face-box.js';

/** How a snapshot is made. Everything is optional. */
export interface SnapshotOptions {
  /** Default: `'image/png'`. */
  readonly type?: 'image/png' | 'image/jpeg' | 'image/webp' | undefined;
  /** Of JPEG and WebP, 0 … 1. Default: the browser's. */
  readonly quality?: number | undefined;
  /** With boxes, labels and heat map as on screen. Default: `true`. */
  readonly overlay?: boolean | undefined;
}

/**
 * The picture that a video shows, in its own size, mirrored as on screen.
 *
 * @throws {EmotionCamError} `frame-empty`: there is no picture; `internal`: the browser cannot encode it
 */
export async function snapshot(
  video: HTMLVideoElement,
  faces: readonly FaceReading[],
  view: FaceView & { readonly heatMap: HTMLCanvasElement | null },
  { type = 'image/png', quality, overlay = true }: SnapshotOptions = {},
): Promise<Blob> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    throw new EmotionCamError(
      'frame-empty',
      'There is no picture to take. Call snapshot() after the event "ready".',
    );
  }
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  context.save();
  if (view.isMirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(video, 0, 0, width, height);
  if (overlay && view.heatMap) context.drawImage(view.heatMap, 0, 0, width, height);
  context.restore();
  if (overlay) for (const face of faces) drawFace(context, face, view);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type, quality);
  });
  if (!blob) throw new EmotionCamError('internal', `The browser made no ${type} of the picture.`);
  return blob;
}

function drawFace(context: CanvasRenderingContext2D, face: FaceReading, view: FaceView): void {
  const { width, height } = context.canvas;
  const shown = shownBox(face.box, view.frame, view.isMirrored);
  const [left, top] = [shown.left * width, shown.top * height];
  const line = Math.max(2, height / 240);
  if (view.overlay.has('box')) {
    context.strokeStyle = '#ffffff';
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(left, top, shown.width * width, shown.height * height, line * 4);
    context.stroke();
  }
  if (view.overlay.has('label'))
    drawTag(context, view.words.faceAndScore(face), left, top, shown.height * height);
}

/** Above the box, below it where there is no room, else at its top. */
function drawTag(
  context: CanvasRenderingContext2D,
  text: string,
  left: number,
  top: number,
  boxHeight: number,
): void {
  const size = Math.max(12, context.canvas.height / 30);
  context.font = `600 ${size}px system-ui, sans-serif`;
  const width = context.measureText(text).width + size;
  const x = Math.min(left, context.canvas.width - width);
  const [above, below] = [top - size * 1.8, top + boxHeight + size * 0.3];
  const isRoomBelow = below + size * 1.5 <= context.canvas.height;
  const y = above >= 0 ? above : isRoomBelow ? below : 0;
  context.fillStyle = 'rgb(12 15 21 / 0.78)';
  context.beginPath();
  context.roundRect(x, y, width, size * 1.5, size);
  context.fill();
  context.fillStyle = '#ffffff';
  context.textBaseline = 'middle';
  context.fillText(text, x + size / 2, y + size * 0.78);
}
