import type { EmotionCam } from 'emotion-cam';
import { Timeline } from './timeline.js';

const WINDOW_SECONDS = 30;

/** Draws the scores of the face in front as they come, from the first `ready` on. */
export class LiveTimeline {
  readonly #host: HTMLElement;
  #timeline: Timeline | undefined;
  #isComing = false;
  #faceId: number | undefined;

  constructor(cam: EmotionCam, host: HTMLElement) {
    this.#host = host;
    cam.addEventListener('ready', () => {
      this.#faceId = undefined; // a new run: not joined to the one before
      void this.#load();
    });
    cam.addEventListener('emotion', ({ face, result }) => {
      const seconds = result.timestampMs / 1000;
      if (face.id !== this.#faceId) this.#timeline?.append(seconds - 1e-3); // a gap
      this.#faceId = face.id;
      this.#timeline?.append(seconds, face.scores);
    });
    cam.addEventListener('face-lost', ({ faceId, timestampMs }) => {
      if (faceId !== this.#faceId) return;
      this.#faceId = undefined;
      this.#timeline?.append(timestampMs / 1000);
    });
  }

  clear(): void {
    this.#timeline?.clear();
  }

  async #load(): Promise<void> {
    if (this.#isComing) return;
    this.#isComing = true;
    this.#timeline = await Timeline.create(this.#host, {
      label: 'The seven scores of the face in front, over the last 30 seconds',
      windowSeconds: WINDOW_SECONDS,
    });
  }
}
