import type { EmotionCam, Recording } from 'emotion-cam';
import { saveRecording, type RecordingFormat } from './save-recording.js';
import { watchState } from './watch-state.js';

/** Starts and stops a recording with one button, and saves the last one as a file with others. */
export class Recorder {
  readonly #cam: EmotionCam;
  readonly #toggle: HTMLButtonElement;
  readonly #exports: readonly HTMLButtonElement[];
  #recording: Recording | undefined;
  #isOn = false;

  /** @param exports - the `value` of each is a format: `json`, `csv` or `vtt` */
  constructor(cam: EmotionCam, toggle: HTMLButtonElement, exports: readonly HTMLButtonElement[]) {
    this.#cam = cam;
    this.#toggle = toggle;
    this.#exports = exports;
    toggle.addEventListener('click', () => {
      if (this.#isOn) this.stop();
      else this.#start();
    });
    for (const button of exports) {
      button.addEventListener('click', () => {
        this.#save(button.value as RecordingFormat);
      });
    }
    watchState(cam, () => {
      this.#show();
    });
  }

  /** Ends the recording where there is one; it can be saved from then on. */
  stop(): void {
    if (this.#isOn) this.#recording?.stop();
    this.#isOn = false;
    this.#show();
  }

  #start(): void {
    this.#recording = this.#cam.record();
    this.#isOn = true;
    this.#show();
  }

  #save(format: RecordingFormat): void {
    if (this.#recording) saveRecording(this.#recording, format, 'emotions');
  }

  #show(): void {
    this.#toggle.textContent = this.#isOn ? 'Stop recording' : 'Record';
    this.#toggle.disabled = !this.#isOn && this.#cam.state !== 'running';
    for (const button of this.#exports) button.disabled = this.#isOn || !this.#recording;
  }
}
