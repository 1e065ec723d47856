import { html, isServer, LitElement, nothing } from 'lit';
import type { CSSResult, PropertyValues, TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Announcer } from './announcer.js';
import type { BackendName } from './backend.js';
import { cssProperties } from './css-properties.js';
import { styles } from './emotion-cam-styles.js';
import { EmotionCamError } from './errors.js';
import { EmotionCamErrorEvent, EmotionEvent, FaceLostEvent, ReadyEvent } from './events.js';
import type { EmotionCamEventMap } from './events.js';
import { faceBox } from './face-box.js';
import type { FrameSize } from './frame.js';
import { FrameLoop } from './frame-loop.js';
import { FramePace } from './frame-pace.js';
import { FrameRate } from './frame-rate.js';
import type { FaceReading, RecognitionResult } from './reading.js';
import type { RecognizerOptions } from './recognizer-options.js';
import { RecognizerSlot } from './recognizer-slot.js';
import { EmotionRecognizer } from './recognizer.js';
import { faceName, percent, scoreBars } from './score-bars.js';
import type { ThreadName } from './thread.js';
import { openVideo, play } from './video-source.js';

export type EmotionCamState = 'idle' | 'loading' | 'running' | 'paused' | 'error';

/** How the recognition goes. */
export interface EmotionCamStats {
  readonly backend: BackendName;
  /** From the picture to the result, for the last frame. */
  readonly frameMs: number;
  readonly detectMs: number;
  readonly networkMs: number;
  /** Results a second, over the last two seconds. */
  readonly fps: number;
  /** Tensors in memory; it does not grow from frame to frame. */
  readonly numTensors: number;
}

/** What a run is started with; another value of any of them starts it anew. */
type Settings = Pick<EmotionCam, (typeof SETTINGS)[number]>;
const SETTINGS = ['src', 'stream', 'backend', 'thread', 'assets', 'model', 'maxFaces'] as const;

const NOTHING_SEEN: FrameSize = { width: 4, height: 3 };

/**
 * Shows the camera, or a recorded video, and the facial expression in it: a box around each face with
 * its likeliest expression (with a question mark where that is uncertain), and the scores of all seven
 * for the one in front. Everything is computed in the browser; no picture leaves it.
 *
 * It fills the width it is given (240 px and more) with the picture above the scores, or beside them
 * from 640 px on. Where the page gives it a height, the picture is cut to fit; see `fit`.
 *
 * @fires {ReadyEvent} ready - The video plays and the model is loaded: results follow
 * @fires {EmotionEvent} emotion - An expression was recognised; for every frame with a face
 * @fires {FaceLostEvent} face-lost - The first frame without a face after frames with one
 * @fires {EmotionCamErrorEvent} error - It stopped; `event.error` has a `code` and a sentence. Does not bubble
 *
 * @slot - Below the scores, for a note of the page's own
 * @slot start - The text on the button that starts it
 * @slot retry - The text on the button that tries again after an error
 *
 * @attr {string} src - A recorded video instead of the camera; plays muted and in a loop
 * @attr {boolean} autostart - Starts as soon as the element is in the page; the browser asks for the camera then
 * @attr {'true' | 'false'} mirrored - Default: the camera is mirrored, recorded video and streams are not
 * @attr {boolean} paused - Freezes the picture and the recognition; the camera stays on
 * @attr {'cover' | 'contain'} fit - Fills the stage (default) or shows the whole picture
 * @attr {'auto' | 'webgpu' | 'wasm' | 'cpu'} backend - Default `auto`: the fastest there is
 * @attr {'auto' | 'worker' | 'main'} thread - Default `auto`: a worker where one can do it, else the page's own
 * @attr {string} assets - Folder of the models and wasm files; default: the package's own
 * @attr {string} model - Folder or manifest of another model
 * @attr {number} max-fps - At most so many frames a second; default: as many as there are. While nobody is in view it is 5
 * @attr {number} max-faces - How many faces are read, the largest first; each takes time. Default 1
 *
 * @csspart stage - Around the picture
 * @csspart video
 * @csspart box - Around the face
 * @csspart tag - The expression on the box
 * @csspart message - Over the picture while loading, paused or without a face
 * @csspart error - Over the picture after an error
 * @csspart start-button
 * @csspart retry-button
 * @csspart panel - Around the scores
 * @csspart label - The likeliest expression, with a question mark where it is uncertain
 * @csspart bars - The list of scores
 * @csspart row - One score; also `row-happiness` and so on, and `row-top` for the highest
 * @csspart name
 * @csspart bar
 * @csspart fill - The filled part of a bar
 * @csspart value
 *
 * @cssproperty [--emotion-cam-accent] - The highest bar, and in a lighter mix the others
 * @cssproperty [--emotion-cam-background]
 * @cssproperty [--emotion-cam-text]
 * @cssproperty [--emotion-cam-muted] - Names and values of the lower scores
 * @cssproperty [--emotion-cam-border]
 * @cssproperty [--emotion-cam-track] - The empty part of a bar
 * @cssproperty [--emotion-cam-box=#ffffff] - The box around the face
 * @cssproperty [--emotion-cam-radius=14px]
 * @cssproperty [--emotion-cam-bar-height=8px]
 * @cssproperty [--emotion-cam-font] - The `font` shorthand
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the interface
export class EmotionCam extends LitElement {
  static override readonly styles: CSSResult = styles;

  readonly #recognizers: RecognizerSlot = new RecognizerSlot((options) =>
    this.createRecognizer(options),
  );

  @query('video') private readonly video!: HTMLVideoElement;

  @state() private phase: 'idle' | 'loading' | 'running' | 'error' = 'idle';
  @state() private result: RecognitionResult | undefined;
  @state() private error: EmotionCamError | undefined;
  /** Of the picture on screen, pixels. */
  @state() private pictureSize: FrameSize = NOTHING_SEEN;
  @state() private hasPicture = false;
  /** Of the download, 0 … 1; none: not known. */
  @state() private progress: number | undefined;

  @property({ reflect: true, useDefault: true }) src = '';
  /**
   * A picture from code instead of the camera; goes before `src`. Its tracks are not stopped. `null`,
   * with which frameworks clear properties, is none.
   */
  @property({ attribute: false }) stream: MediaStream | null | undefined;
  @property({ type: Boolean, reflect: true }) autostart = false;
  /** Undefined: the camera is mirrored, recorded video and streams are not. */
  @property({
    reflect: true,
    converter: {
      fromAttribute: (value) => (value === null ? undefined : value !== 'false'),
      toAttribute: (value?: boolean) => (value === undefined ? null : String(value)),
    },
  })
  mirrored: boolean | undefined;
  @property({ type: Boolean, reflect: true }) paused = false;
  @property({ reflect: true, useDefault: true }) fit: 'cover' | 'contain' = 'cover';
  @property({ reflect: true, useDefault: true })
  backend: 'auto' | BackendName = 'auto';
  @property({ reflect: true, useDefault: true }) thread: 'auto' | ThreadName = 'auto';
  @property({ reflect: true, useDefault: true }) assets = '';
  @property({ reflect: true, useDefault: true }) model = '';
  @property({ type: Number, reflect: true, useDefault: true, attribute: 'max-faces' }) maxFaces = 1;
  @property({ type: Number, reflect: true, attribute: 'max-fps' }) maxFps: number | undefined;

  /** One run, from `start` to `stop` or an error: everything it opens is closed by its signal. */
  #run: AbortController | undefined;
  #started: Promise<void> | undefined;
  #settings: Settings | undefined;
  #loop: FrameLoop | undefined;
  #frameRate: FrameRate = new FrameRate();
  #announcer: Announcer = new Announcer();
  #stats: EmotionCamStats | undefined;

  get state(): EmotionCamState {
    return this.phase === 'running' && this.paused ? 'paused' : this.phase;
  }

  /** The faces of the last frame, up to `maxFaces`, the largest first. */
  get faces(): readonly FaceReading[] {
    return this.result?.faces ?? [];
  }

  /** Of the last frame; none before it. */
  get stats(): EmotionCamStats | undefined {
    return this.#stats;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated && this.autostart && this.phase === 'idle') this.#startUnasked();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    // Moving an element takes it out and puts it back at once: the model is worth keeping then.
    queueMicrotask(() => {
      if (!this.isConnected) this.#recognizers.release(this.#loop?.idle);
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- Lit types its browser build
    if (isServer) return;
    if (this.stream === null) this.stream = undefined;
    const isIdleInPage = this.isConnected && this.phase === 'idle'; // an update may come after removal
    if (changed.has('autostart') && this.autostart && isIdleInPage) this.#startUnasked();
    else if (this.#settings && !isSame(this.#settings, this)) this.#restart();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('paused') && this.phase === 'running') this.#applyPaused();
  }

  /**
   * Opens the camera or video and recognises every frame until `stop`. While it is starting or
   * running, it starts nothing twice.
   *
   * @returns when it runs
   * @throws EmotionCamError why it does not; the `error` event and the element itself say it too
   * @throws DOMException `AbortError`: `stop`, another source or leaving the page came before
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Switches the camera off and ends the recognition. The loaded model is kept for the next start. */
  stop(): void {
    this.#endRun(new DOMException('The element was stopped.', 'AbortError'));
    this.#recognizers.cancel();
    this.#settings = undefined;
    this.error = undefined;
    this.phase = 'idle';
  }

  /** Makes the recognizer: the one place to override for another. */
  protected createRecognizer(options: RecognizerOptions): Promise<EmotionRecognizer> {
    return EmotionRecognizer.create(options);
  }

  async #start(): Promise<void> {
    const run = new AbortController();
    const { signal } = run;
    this.#run = run;
    this.#settings = undefined;
    this.error = undefined;
    this.phase = 'loading';
    try {
      await this.updateComplete; // now there is a <video>, and every property has its last value
      signal.throwIfAborted();
      const { src, stream, backend, thread, assets, model, maxFaces } = this;
      this.#settings = { src, stream, backend, thread, assets, model, maxFaces };
      const onFailure = (error: EmotionCamError) => {
        this.#fail(run, error);
      };
      const [recognizer] = await Promise.all([
        this.#loadRecognizer(signal),
        openVideo(this.video, { src, stream }, { signal, onFailure }),
      ]);
      signal.throwIfAborted();
      this.phase = 'running';
      await this.updateComplete;
      signal.throwIfAborted();
      this.dispatchEvent(new ReadyEvent(recognizer.backend));
      if (this.paused) this.video.pause();
      this.#recognizeFrames(recognizer, run);
    } catch (error) {
      this.#fail(run, error);
      throw signal.reason;
    }
  }

  /** Autostart and its like have nobody who waits; the `error` event and the screen say what failed. */
  #startUnasked(): void {
    this.start().catch(() => undefined);
  }

  #restart(): void {
    this.#endRun(new DOMException('The element starts again.', 'AbortError'));
    this.#startUnasked();
  }

  async #loadRecognizer(signal: AbortSignal): Promise<EmotionRecognizer> {
    await this.#loop?.idle; // a frame of the run before may still be in work
    signal.throwIfAborted();
    this.progress = undefined;
    return this.#recognizers.load({
      backend: this.backend,
      thread: this.thread,
      maxFaces: this.maxFaces,
      ...(this.assets !== '' && { assets: this.assets }),
      ...(this.model !== '' && { model: this.model }),
      onProgress: (loaded, total) => {
        this.progress = total > 0 ? loaded / total : undefined;
      },
    });
  }

  #recognizeFrames(recognizer: EmotionRecognizer, run: AbortController): void {
    this.#frameRate = new FrameRate();
    const pace = new FramePace();
    const loop = new FrameLoop(this.video, {
      isDue: (timestampMs) => {
        pace.maxFps = this.maxFps;
        return pace.isDue(timestampMs);
      },
      onFrame: async ({ timestampMs }) => {
        const result = await recognizer.recognize(this.video, timestampMs);
        pace.see({ timestampMs, hasFace: result.faces.length > 0 });
        if (!run.signal.aborted) await this.#show(result, recognizer, run.signal);
      },
      onError: (error) => {
        this.#fail(run, error);
        this.#recognizers.release(loop.idle); // it may never work again: its graphics card may be gone
      },
    });
    run.signal.addEventListener('abort', () => {
      loop.stop();
    });
    this.#loop = loop;
  }

  async #show(
    result: RecognitionResult,
    recognizer: EmotionRecognizer,
    signal: AbortSignal,
  ): Promise<void> {
    const hadFace = this.faces.length > 0;
    const { totalMs: frameMs, detectMs, networkMs } = result.timings;
    this.#stats = {
      backend: recognizer.backend.name,
      frameMs,
      detectMs,
      networkMs,
      fps: this.#frameRate.count(performance.now()),
      numTensors: recognizer.numTensors,
    };
    this.result = result;
    await this.updateComplete; // handlers find the result on screen
    if (signal.aborted) return;
    const [face] = result.faces;
    if (face) this.dispatchEvent(new EmotionEvent(face, result));
    else if (hadFace) this.dispatchEvent(new FaceLostEvent(result.timestampMs));
  }

  #applyPaused(): void {
    const run = this.#run;
    if (!run) return;
    if (this.paused) {
      this.video.pause();
      return;
    }
    play(this.video, run.signal).catch((error: unknown) => {
      this.#fail(run, error);
    });
  }

  /** Ends a run with an error; does nothing for a run that has ended. */
  #fail(run: AbortController, cause: unknown): void {
    if (run.signal.aborted) return;
    const error = toEmotionCamError(cause);
    this.#endRun(error);
    this.error = error;
    this.phase = 'error';
    void this.updateComplete.then(() => this.dispatchEvent(new EmotionCamErrorEvent(error)));
  }

  #endRun(reason: Error): void {
    this.#run?.abort(reason);
    this.#run = undefined;
    this.#started = undefined;
    this.#stats = undefined;
    this.result = undefined;
    this.hasPicture = false;
  }

  #handleResize(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    this.hasPicture = width > 0 && height > 0;
    if (this.hasPicture) this.pictureSize = { width, height };
  }

  protected override render(): TemplateResult {
    const { width, height } = this.pictureSize;
    const isMirrored = this.mirrored ?? this.#isCamera;
    const [face] = this.faces;
    return html`
      <div class="root" ${cssProperties({ '--ratio': `${width} / ${height}` })}>
        <div part="stage" class="stage">
          <div class="frame ${isMirrored ? 'mirrored' : ''}">
            <video
              part="video"
              playsinline
              disablepictureinpicture
              .muted=${true}
              aria-label=${this.#isCamera ? 'Camera picture' : 'Video'}
              @loadedmetadata=${this.#handleResize}
              @resize=${this.#handleResize}
            ></video>
            ${this.#renderBoxes(isMirrored)}
          </div>
          ${this.#renderMessage()}
        </div>
        <div part="panel" class="panel">
          ${this.#renderLabel(face)} ${scoreBars(face?.scores, face?.emotion)}
          <slot></slot>
        </div>
      </div>
    `;
  }

  #renderBoxes(isMirrored: boolean): unknown {
    const { faces, frame } = this.result ?? { faces: [], frame: NOTHING_SEEN };
    return repeat(
      faces,
      ({ id }) => id,
      (face) => faceBox(face, frame, isMirrored),
    );
  }

  get #isCamera(): boolean {
    return !this.stream && this.src === '';
  }

  #renderLabel(face: FaceReading | undefined): TemplateResult {
    const name = face ? faceName(face) : 'No face';
    const score = face && percent(face.scores[face.emotion]);
    const isRunning = this.phase === 'running';
    const said = face?.isUncertain ? 'Unclear' : name;
    const spoken =
      isRunning && this.result ? this.#announcer.announce(said, performance.now()) : '';
    return html`
      <p part="label" class="label ${face ? '' : 'none'}" aria-hidden="true">
        <span>${isRunning || face ? name : 'Expression'}</span>
        <span class="score">${score ?? nothing}</span>
      </p>
      <p class="live" role="status">${spoken}</p>
    `;
  }

  #renderMessage(): TemplateResult | typeof nothing {
    switch (this.state) {
      case 'idle':
        return html`
          <div class="cover">
            <button part="start-button" type="button" @click=${this.#startUnasked}>
              <slot name="start">${this.#isCamera ? 'Start camera' : 'Play video'}</slot>
            </button>
          </div>
        `;
      case 'loading':
        return this.#renderLoading();
      case 'error':
        return this.#renderError();
      case 'paused':
        return html`<span part="message" class="chip">Paused</span>`;
      case 'running':
        return this.result?.faces.length === 0
          ? html`<span part="message" class="chip">No face in view</span>`
          : nothing;
    }
  }

  #renderLoading(): TemplateResult {
    const isWaitingForCamera = this.#isCamera && !this.hasPicture;
    const progress = isWaitingForCamera ? undefined : this.progress;
    const text = isWaitingForCamera
      ? 'Waiting for the camera. Allow it if the browser asks.'
      : 'Loading the model…';
    return html`
      <div part="message" class="cover ${this.hasPicture ? 'over-picture' : ''}" role="status">
        <p>${text}</p>
        <div
          class="progress ${progress === undefined ? 'unknown' : ''}"
          ${cssProperties({ '--progress': progress ?? 1 })}
        ></div>
      </div>
    `;
  }

  #renderError(): TemplateResult {
    return html`
      <div part="error" class="cover error" role="alert">
        ${WARNING_SIGN}
        <p>${this.error?.message}</p>
        <button part="retry-button" type="button" @click=${this.#startUnasked}>
          <slot name="retry">Try again</slot>
        </button>
      </div>
    `;
  }
}

/** Listeners know the element's own events: `cam.addEventListener('error', ({ error }) => …)`. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- methods of HTMLElement, which exist
export interface EmotionCam {
  addEventListener<K extends keyof EmotionCamEventMap>(
    type: K,
    listener: (this: EmotionCam, event: EmotionCamEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof EmotionCamEventMap>(
    type: K,
    listener: (this: EmotionCam, event: EmotionCamEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'emotion-cam': EmotionCam;
  }
}

const WARNING_SIGN: TemplateResult = html`
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true">
    <path d="M12 4 2.5 20h19L12 4Z" stroke-linejoin="round" />
    <path d="M12 10v4.5m0 2.4v.1" stroke-linecap="round" />
  </svg>
`;

function isSame(settings: Settings, element: EmotionCam): boolean {
  return SETTINGS.every((name) => settings[name] === element[name]);
}

function toEmotionCamError(cause: unknown): EmotionCamError {
  if (cause instanceof EmotionCamError) return cause;
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new EmotionCamError('internal', `The recognition failed (${what}). Please report it.`, {
    cause,
  });
}
