import { isEmbedMessage, type EmbedMessage, type HostMessage } from './widget-messages.js';
import { widgetStyles } from './widget-styles.js';

/** What came from the frame. */
export class WidgetEvent extends Event {
  readonly message: EmbedMessage;

  constructor(message: EmbedMessage) {
    super('emotion-cam-message');
    this.message = message;
  }
}

/**
 * A panel in the corner of any page that shows `embed.html` of the site this script came from, in an
 * `<iframe>`. Folded up it is a button; the frame is loaded when it is first opened, and the camera goes
 * off when it is folded up. The page gets the readings as events.
 *
 * @tagname emotion-cam-widget
 *
 * @fires {WidgetEvent} emotion-cam-message - A reading, another state, or an error: see `event.message.type`
 *
 * @attr {string} src - Address of `embed.html`. Default: beside the script
 * @attr {boolean} open - Unfolded
 * @attr {'start' | 'end'} corner - Where the line starts or ends; at the bottom. Default `end`
 * @attr {string} label - On the button. Default `Facial expression`
 *
 * @csspart toggle
 * @csspart panel
 * @csspart frame
 */
export class EmotionCamWidget extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['open', 'label'];
  /** Where `embed.html` is, for widgets without a `src`. */
  static embedAddress = 'embed.html';

  readonly #toggle: HTMLButtonElement = document.createElement('button');
  readonly #panel: HTMLElement = document.createElement('div');
  #frame: HTMLIFrameElement | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [widgetStyles()];
    this.#toggle.type = 'button';
    this.#toggle.setAttribute('part', 'toggle');
    this.#toggle.setAttribute('aria-controls', 'panel');
    this.#toggle.addEventListener('click', () => {
      this.open = !this.open;
    });
    this.#panel.id = 'panel';
    this.#panel.setAttribute('part', 'panel');
    root.append(this.#panel, this.#toggle);
  }

  get open(): boolean {
    return this.hasAttribute('open');
  }
  set open(isOpen: boolean) {
    this.toggleAttribute('open', isOpen);
  }

  get label(): string {
    return this.getAttribute('label') ?? 'Facial expression';
  }
  set label(text: string) {
    this.setAttribute('label', text);
  }

  connectedCallback(): void {
    addEventListener('message', this.#handleMessage);
    this.#show();
  }

  disconnectedCallback(): void {
    removeEventListener('message', this.#handleMessage);
    this.#frame?.remove(); // a frame that moves loads anew
    this.#frame = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#show();
  }

  #show(): void {
    const { open, label } = this;
    this.#toggle.textContent = open ? '–' : label;
    this.#toggle.setAttribute('aria-label', label);
    this.#toggle.setAttribute('aria-expanded', `${open}`);
    this.#panel.hidden = !open;
    if (!open) this.#send('stop');
    else if (this.#frame) this.#send('start');
    else this.#load();
  }

  #load(): void {
    const src = this.#src;
    src.searchParams.set('host', location.origin);
    const language = this.closest('[lang]')?.getAttribute('lang');
    if (language && !src.searchParams.has('lang')) src.searchParams.set('lang', language);
    this.#frame = Object.assign(document.createElement('iframe'), {
      title: this.label,
      allow: 'camera; cross-origin-isolated',
      src: src.href,
    });
    this.#frame.setAttribute('part', 'frame');
    this.#panel.append(this.#frame);
  }

  get #src(): URL {
    return new URL(this.getAttribute('src') ?? EmotionCamWidget.embedAddress, document.baseURI);
  }

  #send(type: HostMessage['type']): void {
    this.#frame?.contentWindow?.postMessage({ emotionCam: 1, type }, this.#src.origin);
  }

  #handleMessage: (event: MessageEvent<unknown>) => void = ({ data, source, origin }) => {
    const isFromFrame = source !== null && source === this.#frame?.contentWindow;
    if (!isFromFrame || origin !== this.#src.origin || !isEmbedMessage(data)) return;
    this.dispatchEvent(new WidgetEvent(data));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'emotion-cam-widget': EmotionCamWidget;
  }
  interface HTMLElementEventMap {
    'emotion-cam-message': WidgetEvent;
  }
}
