import { html, nothing, type TemplateResult } from 'lit';
import { browserFamily } from '../browser.js';
import type { EmotionCamError } from '../errors.js';
import type { ExplainedError, Texts } from './texts/texts.js';
import type { Words } from './words.js';

/** What a person reads of an error, and what only the page's author can mend. */
interface Explanation {
  readonly text: string;
  /** The error's own message, in English. */
  readonly detail?: string;
}

/** Codes whose message names something that the text cannot: an address, a file, what the browser lacks. */
const WITH_DETAIL: readonly string[] = [
  'video-unplayable',
  'asset-unreachable',
  'backend-unavailable',
];

/** Says an error in the person's language; how to allow the camera, for their browser. */
export function explain({ code, message }: EmotionCamError, texts: Texts): Explanation {
  if (code === 'camera-denied') return { text: texts.allowCamera[browserFamily()] };
  if (!isExplained(code, texts)) return { text: texts.otherError, detail: message };
  const text = texts.errors[code];
  return WITH_DETAIL.includes(code) ? { text, detail: message } : { text };
}

export function errorView(
  error: EmotionCamError,
  { texts }: Words,
  handleRetry: () => void,
): TemplateResult {
  const { text, detail } = explain(error, texts);
  return html`
    <div part="error" class="cover error" role="alert">
      ${WARNING_SIGN}
      <slot name="error">
        <p>${text}</p>
        ${
          detail === undefined
            ? nothing
            : html`<p part="error-detail" class="detail" lang="en" dir="ltr">${detail}</p>`
        }
      </slot>
      <button part="retry-button" type="button" @click=${handleRetry}>
        <slot name="retry">${texts.retry}</slot>
      </button>
    </div>
  `;
}

function isExplained(code: string, texts: Texts): code is ExplainedError {
  return code in texts.errors;
}

const WARNING_SIGN: TemplateResult = html`
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true">
    <path d="M12 4 2.5 20h19L12 4Z" stroke-linejoin="round" />
    <path d="M12 10v4.5m0 2.4v.1" stroke-linecap="round" />
  </svg>
`;
