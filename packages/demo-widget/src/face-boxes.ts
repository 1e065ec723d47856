import type { RecordedFrame } from 'emotion-cam';

/** A frame is not shown for longer than this: a gap between frames is one. */
const LONGEST_SECONDS = 1.5;

/** Draws the faces of a recording over a video, at whatever time it shows. */
export class FaceBoxes {
  readonly #video: HTMLVideoElement;
  readonly #layer: HTMLElement;
  #frames: readonly RecordedFrame[] = [];

  /** @param layer - an element that covers the video's picture */
  constructor(video: HTMLVideoElement, layer: HTMLElement) {
    this.#video = video;
    this.#layer = layer;
    const draw = (): void => {
      this.#draw();
      if (!video.paused) requestAnimationFrame(draw);
    };
    for (const type of ['loadeddata', 'play', 'seeked', 'pause'])
      video.addEventListener(type, draw);
  }

  show(frames: readonly RecordedFrame[]): void {
    this.#frames = frames;
    this.#draw();
  }

  #draw(): void {
    const { currentTime, videoWidth, videoHeight } = this.#video;
    const faces = frameAt(this.#frames, currentTime)?.faces ?? [];
    const boxes = faces.map(({ id, emotion, isUncertain, box }) => {
      const element = document.createElement('div');
      element.className = 'box';
      const label = document.createElement('span');
      label.textContent = `${id}: ${isUncertain ? 'unclear' : emotion}`;
      element.append(label);
      const percent = (pixels: number, whole: number): string => `${(100 * pixels) / whole}%`;
      Object.assign(element.style, {
        left: percent(box.x, videoWidth),
        top: percent(box.y, videoHeight),
        width: percent(box.width, videoWidth),
        height: percent(box.height, videoHeight),
      });
      return element;
    });
    this.#layer.replaceChildren(...boxes);
  }
}

/** The last frame that began by then. @returns none where it is long ago */
export function frameAt(
  frames: readonly RecordedFrame[],
  seconds: number,
): RecordedFrame | undefined {
  const timeMs = seconds * 1000 + 1; // times in files are rounded
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle]!.timeMs <= timeMs) low = middle + 1;
    else high = middle;
  }
  const frame = frames[low - 1];
  return frame && timeMs - frame.timeMs < LONGEST_SECONDS * 1000 ? frame : undefined;
}
