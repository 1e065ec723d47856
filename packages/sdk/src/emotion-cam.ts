import { html, isServer, LitElement, nothing } from 'lit';
import type { CSSResultGroup, PropertyValues, TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Backend, BackendName } from './backend.js';
import type { Baseline } from './baseline.js';
import { checkOption } from './check-option.js';
import { Announcer } from './element/announcer.js';
import { Consent, consentView, type ConsentMode } from './element/consent.js';
import { cssProperties } from './element/css-properties.js';
import { errorView } from './element/error-view.js';
import { faceBox, type FaceView } from './element/face-box.js';
import { FaceChanges } from './element/face-changes.js';
import { drawHeatMaps } from './element/heat-map-layer.js';
import { indicator } from './element/indicator.js';
import { loadingView } from './element/loading-view.js';
import { Localization } from './element/localization.js';
import { parseOverlay } from './element/overlay.js';
import { optionalBoolean, optionalNumber } from './element/converters.js';
import { scorePanel } from './element/score-panel.js';
import { isSame, settingsOf, type Settings } from './element/settings.js';
import { snapshot, type SnapshotOptions } from './element/snapshot.js';
import { StatsMeter, type EmotionCamStats } from './element/stats.js';
import { styles } from './element/styles/styles.js';
import type { Texts } from './element/texts/texts.js';
import type { EmotionLabels, Words } from './element/words.js';
import { EmotionCamError } from './errors.js';
import {
  BackendChangeEvent,
  CameraErrorEvent,
  ConsentEvent,
  EmotionCamErrorEvent,
  EmotionEvent,
  ReadyEvent,
  SetupChangeEvent,
} from './events.js';
import type { EmotionCamEventMap } from './events.js';
import type { Explanation } from './explanation.js';
import type { FrameSize } from './frame.js';
import type { Emotion } from './network/emotions.js';
import type { FaceReading, RecognitionResult } from './reading.js';
import type { Recording, RecordingOptions } from './recording.js';
import type { RecognizerOptions } from './recognizer-options.js';
import { RecognizerSlot } from './recognizer-slot.js';
import { EmotionRecognizer } from './recognizer.js';
import type { ThreadName } from './thread.js';
import { openVideo, play } from './video-source.js';
import { passOver, type VideoWatch } from './video-watch.js';

/** `consent`: the person is being asked. `paused`: the picture and the recognition stand still. */
export type EmotionCamState = 'idle' | 'consent' | 'loading' | 'running' | 'paused' | 'error';

const NOTHING_SEEN: FrameSize = { width: 4, height: 3 };

/**
 * Shows the camera, or a recorded video, and the facial expression in it: a box around each face with
 * its likeliest expression (with a question mark where that is uncertain), and the scores of all seven
 * for the one in front. Everything is computed in the browser; the element sends no picture anywhere.
 *
 * It fills the width it is given (160 px and more) with the picture above the scores, or beside them
 * from 640 px on. Where the page gives it a height, the picture is cut to fit; see `fit`. Light or dark
 * follows the `color-scheme` of the page.
 *
 * It speaks the language of the nearest `lang` around it, else the browser's: Arabic, Chinese, English,
 * French, German, Japanese or Spanish; others by the properties `texts` and `labels`.
 *
 * What an attribute does, the property of its name says.
 *
 * @tagname emotion-cam
 *
 * @fires {ReadyEvent} ready - The video plays and the model is loaded: results follow
 * @fires {ProgressEvent} progress - Bytes of the model have arrived
 * @fires {EmotionEvent} emotion - An expression was recognised; for every frame with a face
 * @fires {EmotionChangeEvent} emotion-change - A face shows another expression than in the frame before
 * @fires {FaceFoundEvent} face-found - A face has come into view
 * @fires {FaceLostEvent} face-lost - The first frame without a face that was there
 * @fires {BackendChangeEvent} backend-change - The network runs elsewhere than before
 * @fires {SetupChangeEvent} setup-change - The small model was chosen, or something broke and was set up again
 * @fires {ConsentEvent} consent - The person agreed, declined, or stopped it after agreeing
 * @fires {CameraErrorEvent} camera-error - The camera did not open or went away; `error` follows
 * @fires {EmotionCamErrorEvent} error - It stopped; `event.error` has a `code` and a sentence. Does not bubble
 *
 * @slot - Below the scores, for a note of the page's own
 * @slot start - The text on the button that starts it
 * @slot retry - The text on the button that tries again after an error
 * @slot consent - What is said before the camera is asked for, above the buttons
 * @slot loading - In place of the text while the camera opens and the model loads
 * @slot error - In place of the sentence about an error
 * @slot empty - In place of "No face in view"
 * @slot overlay - Over the picture and in register with it, below boxes; takes no clicks
 *
 * @attr {string} src
 * @attr {string} device-id
 * @attr {'user' | 'environment'} facing-mode
 * @attr {boolean} autostart
 * @attr {'none' | 'required' | 'session'} consent
 * @attr {boolean} stop-when-hidden
 * @attr {'true' | 'false'} mirrored
 * @attr {boolean} paused
 * @attr {'cover' | 'contain'} fit
 * @attr {string} overlay
 * @attr {boolean} quiet
 * @attr {string} lang
 * @attr {'auto' | 'webgpu' | 'wasm' | 'cpu'} backend
 * @attr {'auto' | 'worker' | 'main'} thread
 * @attr {string} assets
 * @attr {string} model
 * @attr {number} max-faces
 * @attr {number} max-fps
 * @attr {number} smoothing
 * @attr {number} threshold
 * @attr {'idle' | 'consent' | 'loading' | 'running' | 'paused' | 'error'} state - Written by the element, for style sheets
 *
 * @cssstate idle
 * @cssstate consent
 * @cssstate loading
 * @cssstate running
 * @cssstate paused
 * @cssstate error
 * @cssstate camera - The camera is on
 * @cssstate face - A face is in view
 *
 * @csspart stage - Around the picture
 * @csspart video
 * @csspart box - Around the face
 * @csspart tag - The expression on the box
 * @csspart point - Eye, nose, mouth or ear
 * @csspart heatmap - The canvas over the picture, with `overlay="heatmap"`
 * @csspart indicator - Shown while the camera is on
 * @csspart stop-button - In the indicator, where consent was asked for
 * @csspart message - Over the picture while loading, paused or without a face
 * @csspart consent - Over the picture while the person is asked
 * @csspart agree-button
 * @csspart decline-button
 * @csspart error - Over the picture after an error
 * @csspart error-detail - What only the page's author can mend
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
  /** Of its shadow tree. */
  static override readonly styles: CSSResultGroup = styles;

  readonly #localization: Localization = new Localization(this);
  readonly #internals: ElementInternals = this.attachInternals();
  readonly #consent: Consent = new Consent();
  readonly #announcer: Announcer = new Announcer();
  readonly #recognizers: RecognizerSlot = new RecognizerSlot(async (options) => {
    const recognizer = await this.createRecognizer(options);
    recognizer.addEventListener('setup-change', (change) => {
      this.dispatchEvent(new SetupChangeEvent(change));
    });
    return recognizer;
  });

  @query('video') private readonly video!: HTMLVideoElement;
  @query('.heatmap') private readonly heatMap!: HTMLCanvasElement | null;

  @state() private phase: Exclude<EmotionCamState, 'paused'> = 'idle';
  @state() private result: RecognitionResult | undefined;
  @state() private error: EmotionCamError | undefined;
  /** Of the picture on screen, pixels. */
  @state() private pictureSize: FrameSize = NOTHING_SEEN;
  @state() private hasPicture = false;
  /** Of the download, 0 … 1; none: not known. */
  @state() private progress: number | undefined;

  /** A recorded video instead of the camera; plays muted and in a loop. */
  @property({ reflect: true, useDefault: true }) src = '';
  /**
   * A picture from code instead of the camera; goes before `src`. Its tracks are not stopped. `null`,
   * with which frameworks clear properties, is none.
   */
  @property({ attribute: false }) stream: MediaStream | null | undefined;
  /** This camera and no other; from `enumerateDevices()`. */
  @property({ reflect: true, useDefault: true, attribute: 'device-id' }) deviceId = '';
  /** Which camera is wished for. Default `user`. */
  @property({ reflect: true, useDefault: true, attribute: 'facing-mode' })
  facingMode: 'user' | 'environment' = 'user';
  /** Starts as soon as the element is in the page; the browser asks for the camera then. */
  @property({ type: Boolean, reflect: true }) autostart = false;
  /**
   * `required` asks the person before camera or stream are read; `session` remembers a yes for the
   * tab. Default `none`.
   */
  @property({ reflect: true, useDefault: true }) consent: ConsentMode = 'none';
  /** Switches the camera off while the page is hidden; it comes back with the page. */
  @property({ type: Boolean, reflect: true, attribute: 'stop-when-hidden' }) stopWhenHidden = false;
  /** Undefined, the default: the camera is mirrored, recorded video and streams are not. */
  @property({ reflect: true, converter: optionalBoolean }) mirrored: boolean | undefined;
  /** Freezes the picture and the recognition; the camera stays on. */
  @property({ type: Boolean, reflect: true }) paused = false;
  /** Fills the stage (default) or shows the whole picture. */
  @property({ reflect: true, useDefault: true }) fit: 'cover' | 'contain' = 'cover';
  /**
   * What is shown, of `box`, `label`, `mesh-points`, `bars` and `heatmap`, or `none`. Default
   * `box label bars`. `heatmap` shows where the network sees the expression, and takes as long again as
   * the network for every frame.
   */
  @property({ reflect: true, useDefault: true }) overlay = 'box label bars';
  /** Screen readers are not told the expression. */
  @property({ type: Boolean, reflect: true }) quiet = false;
  /** Language of the texts. Default: that of the nearest `lang` around the element. */
  @property({ reflect: true, useDefault: true }) override lang = '';
  /** Names for the expressions in place of the language's own. */
  @property({ attribute: false }) labels: EmotionLabels | null | undefined;
  /** Texts in place of the language's own: some, or all of them for another language. */
  @property({ attribute: false }) texts: Partial<Texts> | null | undefined;
  /** Where the network runs. Default `auto`: the fastest there is. */
  @property({ reflect: true, useDefault: true })
  backend: 'auto' | BackendName = 'auto';
  /** Which thread finds and reads faces. Default `auto`: a worker where one can do it, else the page's own. */
  @property({ reflect: true, useDefault: true }) thread: 'auto' | ThreadName = 'auto';
  /** Folder of the models and wasm files; default: the package's own. */
  @property({ reflect: true, useDefault: true }) assets = '';
  /**
   * `full`, `lite`, or folder or manifest of another model. Default `auto`: the small one without a
   * graphics card, or where frames take too long.
   */
  @property({ reflect: true, useDefault: true }) model = '';
  /** How many faces are read, the largest first; each takes time. Default 1. */
  @property({ type: Number, reflect: true, useDefault: true, attribute: 'max-faces' }) maxFaces = 1;
  /** At most so many frames a second. Default: as many as there are; 5 while nobody is in view. */
  @property({ reflect: true, converter: optionalNumber, attribute: 'max-fps' })
  maxFps: number | undefined;
  /** Time constant of the scores in milliseconds; 0 shows every frame as it is. Default 300. */
  @property({ reflect: true, converter: optionalNumber }) smoothing: number | undefined;
  /** Scores below it, 0 to 1, are shown as uncertain. Default 0.5. */
  @property({ reflect: true, converter: optionalNumber }) threshold: number | undefined;

  /** One run, from `start` to `stop` or an error: everything it opens is closed by its signal. */
  #run: AbortController | undefined;
  #started: Promise<void> | undefined;
  #settings: Settings | undefined;
  #watch: VideoWatch | undefined;
  /** Settles when no frame of the run before is in work any more. Never rejects. */
  #idle: Promise<void> = Promise.resolve();
  /** At work in this run. */
  #recognizer: EmotionRecognizer | undefined;
  /** Where the network ran last. */
  #backend: Backend | undefined;
  #meter: StatsMeter = new StatsMeter();
  #changes: FaceChanges = new FaceChanges();
  #stats: EmotionCamStats | undefined;
  /** It was stopped because the page was hidden, and starts when it is shown. */
  #awaitsPage = false;
  /** The button that the person used last has gone: the focus is to go where it goes on. */
  #hadFocus = false;

  /** What it is doing; the attribute `state` says the same. */
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
    document.addEventListener('visibilitychange', this.#handleVisibility);
    window.addEventListener('pageshow', this.#handlePageShow);
    if (this.hasUpdated && this.autostart && this.phase === 'idle') this.#startUnasked();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#handleVisibility);
    window.removeEventListener('pageshow', this.#handlePageShow);
    this.stop();
    // Moving an element takes it out and puts it back at once: the model is worth keeping then.
    queueMicrotask(() => {
      if (!this.isConnected) this.#recognizers.release(this.#idle);
    });
  }

  /** Waits for the texts, so that nothing is ever seen in another language first. */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- Lit's signature
  protected override scheduleUpdate(): void | Promise<unknown> {
    const loading = this.#localization.load();
    return loading ? loading.then(() => this.scheduleUpdate()) : super.scheduleUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- Lit types its browser build
    if (isServer) return;
    this.#hadFocus = (this.shadowRoot?.activeElement ?? null) !== null;
    if (changed.has('lang') || changed.has('labels') || changed.has('texts')) {
      this.#localization.refresh();
    }
    if (this.stream === null) this.stream = undefined;
    const isIdleInPage = this.isConnected && this.phase === 'idle'; // an update may come after removal
    if (changed.has('autostart') && this.autostart && isIdleInPage) this.#startUnasked();
    else if (this.#settings && !isSame(this.#settings, this)) this.#restart();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('paused') && this.phase === 'running') this.#applyPaused();
    if (changed.has('overlay') && this.state === 'paused') this.#explainPaused();
    if (changed.has('overlay') || changed.has('maxFps')) this.#adjustWatch();
    this.#reflectState();
    if (this.#hadFocus) this.#keepFocus();
  }

  /**
   * Opens the camera or video and recognises every frame until `stop`. While it is starting or
   * running, it starts nothing twice. Where `consent` is required, it asks first.
   *
   * @returns when it runs
   * @throws {EmotionCamError} why it does not; the `error` event and the element itself say it too.
   *   `consent-declined` is no error to them: the element is idle again
   * @throws {DOMException} `AbortError`: `stop`, another source or leaving the page came before
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Switches the camera off and ends the recognition. The loaded model is kept for the next start. */
  stop(): void {
    this.#awaitsPage = false;
    this.#goIdle(new DOMException('The element was stopped.', 'AbortError'));
  }

  /** The same as `paused = true`. */
  pause(): void {
    this.paused = true;
  }

  /** The same as `paused = false`. */
  resume(): void {
    this.paused = false;
  }

  /**
   * The picture on screen as a file, with its boxes, labels and heat map. Nothing is sent or kept.
   *
   * @throws {EmotionCamError} `frame-empty`: there is no picture yet
   */
  async snapshot(options: SnapshotOptions = {}): Promise<Blob> {
    await this.updateComplete; // before the first there is no <video>
    const view = { ...this.#faceView, heatMap: this.heatMap };
    return snapshot(this.video, this.faces, view, options);
  }

  /**
   * Learns how the face in view looks at rest; see `EmotionRecognizer.calibrate`. Stopping the element
   * gives it up.
   *
   * @param seconds - how long; 2 or 3 are enough
   * @throws {EmotionCamError} `not-running`, `calibration-failed`, `option-invalid`
   */
  async calibrate(seconds: number): Promise<Baseline> {
    const { recognizer, signal } = this.#running('calibrate');
    return recognizer.calibrate(seconds, { signal });
  }

  /**
   * Records results as numbers, without pictures; see `EmotionRecognizer.record`. A recording ends with
   * the recognizer: another `model` or `backend` needs another recording.
   *
   * @throws {EmotionCamError} `not-running`, `option-invalid`
   */
  record(options: RecordingOptions = {}): Recording {
    return this.#running('record').recognizer.record(options);
  }

  /**
   * Where in the newest frame the network sees an expression; see `EmotionRecognizer.explain`.
   * `overlay="heatmap"` draws the same over the picture.
   *
   * @param faceId - `id` of one of `faces`
   * @param emotion - which expression; default: the one that is shown
   * @throws {EmotionCamError} `not-running`, `face-unknown`, `frame-dropped`, `option-invalid`
   */
  async explain(faceId: number, emotion?: Emotion): Promise<Explanation> {
    return this.#running('explain').recognizer.explain(faceId, emotion);
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
      const { maxFps } = this;
      checkOption({ maxFps }, maxFps === undefined || maxFps > 0, 'frames a second, above 0');
      if (this.#needsConsent) await this.#askConsent(signal);
      this.#settings = settingsOf(this);
      const { src, stream, deviceId, facingMode } = this;
      const onFailure = (error: EmotionCamError) => {
        this.#fail(run, error);
      };
      const [recognizer] = await Promise.all([
        this.#loadRecognizer(signal),
        openVideo(this.video, { src, stream, deviceId, facingMode }, { signal, onFailure }),
      ]);
      signal.throwIfAborted();
      this.phase = 'running';
      this.#recognizer = recognizer;
      await this.updateComplete;
      signal.throwIfAborted();
      this.dispatchEvent(new ReadyEvent(recognizer.backend));
      this.#noticeBackend(recognizer.backend);
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

  /** A recorded video looks at nobody who is there: it needs no consent. */
  get #needsConsent(): boolean {
    const looksAtSomebody = this.stream !== undefined || this.src === '';
    return looksAtSomebody && this.#consent.isNeeded(this.consent);
  }

  async #askConsent(signal: AbortSignal): Promise<void> {
    this.phase = 'consent';
    await this.#consent.ask(this.consent, signal);
    this.phase = 'loading';
  }

  async #loadRecognizer(signal: AbortSignal): Promise<EmotionRecognizer> {
    await this.#idle;
    signal.throwIfAborted();
    this.progress = undefined;
    return this.#recognizers.load({
      backend: this.backend,
      thread: this.thread,
      maxFaces: this.maxFaces,
      ...(this.smoothing !== undefined && { smoothingMs: this.smoothing }),
      ...(this.threshold !== undefined && { minConfidence: this.threshold }),
      ...(this.assets !== '' && { assets: this.assets }),
      ...(this.model !== '' && { model: this.model }),
      onProgress: (loaded, total) => {
        const lengthComputable = total > 0;
        this.progress = lengthComputable ? loaded / total : undefined;
        const amount = { lengthComputable, loaded, total };
        this.dispatchEvent(
          new ProgressEvent('progress', { ...amount, bubbles: true, composed: true }),
        );
      },
    });
  }

  #recognizeFrames(recognizer: EmotionRecognizer, run: AbortController): void {
    const { signal } = run;
    this.#meter = new StatsMeter();
    this.#changes = new FaceChanges();
    const watch = recognizer.watch(this.video, {
      onResult: async (result) => {
        await this.#show(result, recognizer, signal);
        if (!signal.aborted) await this.#explainFaces(recognizer, result);
      },
    });
    signal.addEventListener('abort', () => {
      watch.stop();
    });
    this.#idle = watch.ended.catch((error: unknown) => {
      this.#fail(run, error);
      this.#recognizers.release(); // it may never work again: its graphics card may be gone
    });
    this.#watch = watch;
    this.#adjustWatch();
  }

  /** Hands on what may change while it runs. */
  #adjustWatch(): void {
    if (!this.#watch) return;
    this.#watch.maxFps = this.maxFps;
    this.#watch.isOverlapping = !this.#faceView.overlay.has('heatmap'); // a map is of the newest frame
  }

  async #show(
    result: RecognitionResult,
    recognizer: EmotionRecognizer,
    signal: AbortSignal,
  ): Promise<void> {
    this.#stats = this.#meter.see(result, recognizer);
    this.result = result;
    await this.updateComplete; // handlers find the result on screen
    if (signal.aborted) return;
    this.#noticeBackend(recognizer.backend);
    const [face] = result.faces;
    const events = this.#changes.next(result);
    for (const event of [...events, ...(face ? [new EmotionEvent(face, result)] : [])]) {
      this.dispatchEvent(event);
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a handler may have stopped it
      if (signal.aborted) return;
    }
  }

  /** Draws the heat maps of a result's faces, where they are wanted; without those that are gone already. */
  async #explainFaces(recognizer: EmotionRecognizer, result: RecognitionResult): Promise<void> {
    const canvas = this.heatMap;
    if (!canvas) return;
    const explain = ({ id }: FaceReading) =>
      recognizer.explain(id).catch(passOver('frame-dropped', 'face-unknown'));
    const maps = await Promise.all(result.faces.map(explain));
    const drawn = maps.filter((map) => map !== undefined);
    drawHeatMaps(canvas, result.frame, drawn);
  }

  /** No frame follows that would bring the maps. */
  #explainPaused(): void {
    const [run, recognizer, result] = [this.#run, this.#recognizer, this.result];
    if (!run || !recognizer || !result) return;
    this.#explainFaces(recognizer, result).catch((error: unknown) => {
      this.#fail(run, error);
    });
  }

  #noticeBackend(backend: Backend): void {
    const previous = this.#backend;
    this.#backend = backend;
    if (previous && previous.name !== backend.name) {
      this.dispatchEvent(new BackendChangeEvent(backend, previous));
    }
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

  /** @throws {EmotionCamError} `not-running` */
  #running(method: string): { recognizer: EmotionRecognizer; signal: AbortSignal } {
    if (this.#recognizer && this.#run) {
      return { recognizer: this.#recognizer, signal: this.#run.signal };
    }
    throw new EmotionCamError(
      'not-running',
      `${method}() was called in the state "${this.state}". Call it after the event "ready".`,
    );
  }

  /** Ends a run with an error; does nothing for a run that has ended. */
  #fail(run: AbortController, cause: unknown): void {
    if (run.signal.aborted) return;
    const error = toEmotionCamError(cause);
    if (error.code === 'consent-declined') {
      this.#goIdle(error);
      return;
    }
    this.#endRun(error);
    this.error = error;
    this.phase = 'error';
    void this.updateComplete.then(() => {
      const isOfCamera = error.code.startsWith('camera-') || error.code === 'stream-ended';
      if (isOfCamera) this.dispatchEvent(new CameraErrorEvent(error));
      this.dispatchEvent(new EmotionCamErrorEvent(error));
    });
  }

  #goIdle(reason: Error): void {
    this.#endRun(reason);
    this.#recognizers.cancel();
    this.#settings = undefined;
    this.error = undefined;
    this.phase = 'idle';
  }

  #endRun(reason: Error): void {
    this.#run?.abort(reason);
    this.#run = undefined;
    this.#started = undefined;
    this.#recognizer = undefined;
    this.#stats = undefined;
    this.result = undefined;
    this.hasPicture = false;
  }

  /** Writes down where style sheets look: the attribute `state` and custom states. */
  #reflectState(): void {
    this.#internals.role = 'group';
    this.#internals.ariaLabel = this.#words.texts.name;
    if (this.getAttribute('state') !== this.state) this.setAttribute('state', this.state);
    const states = { camera: this.#isCameraOn, face: this.faces.length > 0 };
    const wanted = Object.entries(states).flatMap(([name, holds]) => (holds ? [name] : []));
    try {
      this.#internals.states.clear();
      for (const name of [this.state, ...wanted]) this.#internals.states.add(name);
    } catch {
      // Chromium before 125 takes names with two dashes only; the attribute is there.
    }
  }

  /** After a button has gone: on the next one, until there is one on the picture; never back to the top of the page. */
  #keepFocus(): void {
    const focused = this.shadowRoot?.activeElement;
    if (focused && !focused.matches('.stage')) return;
    this.renderRoot.querySelector<HTMLElement>('.stage button, .stage:not(:has(button))')?.focus();
  }

  /** Browsers pause the videos of a page that goes into the back/forward cache, and leave them so. */
  #handlePageShow: (event: PageTransitionEvent) => void = ({ persisted }) => {
    if (persisted && this.phase === 'running') this.#applyPaused();
  };

  #handleVisibility: () => void = () => {
    if (document.hidden && this.stopWhenHidden && this.#run) {
      this.stop();
      this.#awaitsPage = true;
    } else if (!document.hidden && this.#awaitsPage) {
      this.#awaitsPage = false;
      this.#startUnasked();
    }
  };

  #handleResize(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    this.hasPicture = width > 0 && height > 0;
    if (this.hasPicture) this.pictureSize = { width, height };
  }

  #handleAnswer(isGiven: boolean): void {
    this.#consent.answer(isGiven);
    this.dispatchEvent(new ConsentEvent(isGiven));
  }

  /** Whoever stops it in the element takes back their consent: they are asked again. */
  #handleStop: () => void = () => {
    this.#consent.withdraw();
    this.stop();
    this.dispatchEvent(new ConsentEvent(false));
  };

  get #words(): Words {
    return this.#localization.words;
  }

  get #isCamera(): boolean {
    return !this.stream && this.src === '';
  }

  get #isCameraOn(): boolean {
    return this.#isCamera && this.hasPicture;
  }

  get #faceView(): FaceView {
    return {
      frame: this.result?.frame ?? NOTHING_SEEN,
      isMirrored: this.mirrored ?? this.#isCamera,
      overlay: parseOverlay(this.overlay),
      words: this.#words,
    };
  }

  protected override render(): TemplateResult {
    const { width, height } = this.pictureSize;
    const view = this.#faceView;
    const { texts, direction, language } = this.#words;
    const [face] = this.faces;
    return html`
      <div
        class="root"
        dir=${direction}
        lang=${language}
        ${cssProperties({ '--ratio': `${width} / ${height}` })}
      >
        <div part="stage" class="stage" tabindex="-1">
          <div class="picture">
            <div class="frame ${view.isMirrored ? 'mirrored' : ''}">
              <video
                part="video"
                playsinline
                disablepictureinpicture
                .muted=${true}
                aria-label=${this.#isCamera ? texts.cameraPicture : texts.video}
                @loadedmetadata=${this.#handleResize}
                @resize=${this.#handleResize}
              ></video>
              ${
                this.result && view.overlay.has('heatmap')
                  ? html`<canvas part="heatmap" class="heatmap" aria-hidden="true"></canvas>`
                  : nothing
              }
              <div class="page-overlay"><slot name="overlay"></slot></div>
              ${repeat(
                this.faces,
                ({ id }) => id,
                (one) => faceBox(one, view),
              )}
            </div>
          </div>
          ${this.#renderMessage()}
          ${this.#isCameraOn ? indicator(this.#words, this.consent === 'none' ? undefined : this.#handleStop) : nothing}
        </div>
        ${view.overlay.has('bars') ? scorePanel(face, this.#words, this.phase === 'running' ? texts.noFace : texts.expression) : nothing}
        <p class="live" role="status">${this.#spoken(face)}</p>
      </div>
    `;
  }

  #renderMessage(): TemplateResult | typeof nothing {
    const { texts } = this.#words;
    switch (this.state) {
      case 'idle':
        return html`
          <div class="cover">
            <button part="start-button" type="button" @click=${this.#startUnasked}>
              <slot name="start">${this.#isCamera ? texts.startCamera : texts.playVideo}</slot>
            </button>
          </div>
        `;
      case 'consent':
        return consentView(this.#words, (isGiven) => this.#handleAnswer(isGiven));
      case 'loading':
        return loadingView(
          this.#loadingText,
          this.#isWaitingForCamera ? undefined : this.progress,
          this.hasPicture,
        );
      case 'error':
        return this.error
          ? errorView(this.error, this.#words, () => this.#startUnasked())
          : nothing;
      case 'paused':
        return html`<span part="message" class="chip">${texts.paused}</span>`;
      case 'running':
        return this.result?.faces.length === 0
          ? html`
              <span part="message" class="chip"
                ><slot name="empty">${texts.noFaceInView}</slot></span
              >
            `
          : nothing;
    }
  }

  get #isWaitingForCamera(): boolean {
    return this.#isCamera && !this.hasPicture;
  }

  get #loadingText(): string {
    const { waitingForCamera, loadingModel } = this.#words.texts;
    return this.#isWaitingForCamera ? waitingForCamera : loadingModel;
  }

  /** What a screen reader says: slowly, and of the face in front alone. */
  #spoken(face: FaceReading | undefined): string {
    const { texts } = this.#words;
    if (this.state === 'loading') return this.#loadingText;
    if (this.state === 'paused') return texts.paused;
    if (this.state !== 'running' || this.quiet || !this.result) return '';
    const sure = face && (face.isUncertain ? texts.unclear : this.#words.emotion(face.emotion));
    return this.#announcer.announce(sure ?? texts.noFace, performance.now());
  }
}

/** Listeners know the element's own events: `cam.addEventListener('error', ({ error }) => …)`. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- methods of HTMLElement, which exist
export interface EmotionCam {
  /** As the platform's, with the types of the element's events. */
  addEventListener<K extends keyof EmotionCamEventMap>(
    type: K,
    listener: (this: EmotionCam, event: EmotionCamEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As the platform's, for any other event. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As the platform's, with the types of the element's events. */
  removeEventListener<K extends keyof EmotionCamEventMap>(
    type: K,
    listener: (this: EmotionCam, event: EmotionCamEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  /** As the platform's, for any other event. */
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

function toEmotionCamError(cause: unknown): EmotionCamError {
  if (cause instanceof EmotionCamError) return cause;
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new EmotionCamError('internal', `The recognition failed (${what}). Please report it.`, {
    cause,
  });
}
