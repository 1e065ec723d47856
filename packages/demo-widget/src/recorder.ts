import type { EmotionCam, Recording } from 'emotion-cam/define.js';

/** How a recording is saved, by the value of the button. */
const FORMATS = {
  json: { type: 'application/json', write: (one: Recording) => JSON.stringify(one) },
  csv: { type: 'text/csv', write: (one: Recording) => one.toCsv() },
  vtt: { type: 'text/vtt', write: (one: Recording) => one.toVtt() },
} as const;

type Format = keyof typeof FORMATS;

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
        this.#save(button.value as Format);
      });
    }
    cam.addEventListener('ready', () => {
      this.#show();
    });
    this.#show();
  }

  /** Ends the recording where there is one; it can be saved from then on. */
  stop(): void {
    if (this.#isOn) this.#recording?.stop();
    this.#isOn = false;
    this.#show();
    void this.#cam.updateComplete.then(() => {
      this.#show(); // what ended it may also have set the element going anew
    });
  }

  #start(): void {
    this.#recording = this.#cam.record();
    this.#isOn = true;
    this.#show();
  }

  #save(format: Format): void {
    if (!this.#recording) return;
    const { type, write } = FORMATS[format];
    const href = URL.createObjectURL(new Blob([write(this.#recording)], { type }));
    Object.assign(document.createElement('a'), { href, download: `emotions.${format}` }).click();
    setTimeout(() => {
      URL.revokeObjectURL(href); // not at once: the download reads it
    }, 60_000);
  }

  #show(): void {
    this.#toggle.textContent = this.#isOn ? 'Stop recording' : 'Record';
    this.#toggle.disabled = !this.#isOn && this.#cam.state !== 'running';
    for (const button of this.#exports) button.disabled = this.#isOn || !this.#recording;
  }
}
