import type { AnalysisProgress, RecordedFrame } from 'emotion-cam';
import { clock } from './clock.js';
import { Timeline } from './timeline.js';

/**
 * The scores of one face of a video over its time. While the video is analysed it is the face in front,
 * afterwards the one that is chosen.
 */
export class FaceTimeline {
  readonly #choice: HTMLSelectElement;
  readonly #timeline: Promise<Timeline>;
  #frames: readonly RecordedFrame[] = [];
  #lastId: number | undefined;

  /** @param onPick - a moment was clicked on, in seconds */
  constructor(host: HTMLElement, choice: HTMLSelectElement, onPick: (seconds: number) => void) {
    this.#choice = choice;
    this.#timeline = Timeline.create(host, {
      label: 'The seven scores of a face over the time of the video',
      onPick,
    });
    choice.addEventListener('change', () => void this.#draw());
  }

  async clear(): Promise<void> {
    this.#lastId = undefined;
    (await this.#timeline).clear();
  }

  /** The next frame, while the video is analysed. */
  async append({ result, durationMs }: AnalysisProgress): Promise<void> {
    const timeline = await this.#timeline;
    const { timestampMs, faces } = result;
    const [face] = faces;
    timeline.extendTo(durationMs / 1000);
    if (face && face.id !== this.#lastId) timeline.append(timestampMs / 1000 - 1e-3); // a gap
    this.#lastId = face?.id;
    timeline.append(timestampMs / 1000, face?.scores);
  }

  async point(seconds: number): Promise<void> {
    (await this.#timeline).point(seconds);
  }

  /** Everything, once the video is analysed. */
  show(frames: readonly RecordedFrame[]): void {
    this.#frames = frames;
    const options = spansOf(frames).map(([id, { from, to }]) => {
      const text = `${id} (${clock(from)} – ${clock(to)})`;
      return new Option(text, `${id}`);
    });
    this.#choice.replaceChildren(...options);
    this.#choice.labels[0]!.hidden = options.length === 0;
    void this.#draw();
  }

  async #draw(): Promise<void> {
    const timeline = await this.#timeline;
    timeline.clear();
    for (const { timeMs, faces } of this.#frames) {
      const face = faces.find(({ id }) => `${id}` === this.#choice.value);
      timeline.append(timeMs / 1000, face?.scores);
    }
  }
}

/** From when to when each face is seen, in seconds; the one that is seen longest first. */
function spansOf(
  frames: readonly RecordedFrame[],
): (readonly [number, { readonly from: number; to: number; frames: number }])[] {
  const spans = new Map<number, { readonly from: number; to: number; frames: number }>();
  for (const { timeMs, faces } of frames) {
    for (const { id } of faces) {
      const span = spans.get(id) ?? { from: timeMs / 1000, to: 0, frames: 0 };
      span.to = timeMs / 1000;
      span.frames += 1;
      spans.set(id, span);
    }
  }
  return [...spans].sort(([, a], [, b]) => b.frames - a.frames);
}
