import type { Recording } from 'emotion-cam';
import { clock } from './clock.js';

/**
 * Shows the expressions of a recording as subtitles of a video, and as a list of buttons that lead to
 * their moments: what a click on the timeline does, by keyboard.
 */
export class CueList {
  readonly #video: HTMLVideoElement;
  readonly #list: HTMLElement;
  #track: HTMLTrackElement | undefined;

  constructor(video: HTMLVideoElement, list: HTMLElement) {
    this.#video = video;
    this.#list = list;
  }

  clear(): void {
    this.#track?.remove();
    if (this.#track) URL.revokeObjectURL(this.#track.src);
    this.#track = undefined;
    this.#list.replaceChildren();
  }

  show(recording: Recording): void {
    this.clear();
    const src = URL.createObjectURL(new Blob([recording.toVtt()], { type: 'text/vtt' }));
    const track = document.createElement('track');
    Object.assign(track, { kind: 'subtitles', label: 'Expressions', srclang: 'en', src });
    track.addEventListener('load', () => {
      const cues = [...(track.track.cues ?? [])] as VTTCue[];
      this.#list.replaceChildren(...cues.map((cue) => this.#item(cue)));
    });
    this.#video.append(track);
    this.#track = track;
    track.track.mode = 'hidden'; // read, and not shown until somebody wants subtitles
  }

  #item(cue: VTTCue): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `${clock(cue.startTime)} – ${clock(cue.endTime)} ${textOf(cue)}`;
    button.addEventListener('click', () => {
      this.#video.currentTime = cue.startTime;
    });
    const mark = (): void => {
      if (cue.track?.activeCues && [...cue.track.activeCues].includes(cue)) {
        button.setAttribute('aria-current', 'true');
      } else {
        button.removeAttribute('aria-current');
      }
    };
    cue.addEventListener('enter', mark);
    cue.addEventListener('exit', mark);
    const item = document.createElement('li');
    item.append(button);
    return item;
  }
}

/** As in `Face 1: happiness 99 %`. */
function textOf({ text }: VTTCue): string {
  return text.replace(/<v ([^>]*)>/, '$1: ');
}
