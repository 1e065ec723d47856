import { html, type TemplateResult } from 'lit';
import { EmotionCamError } from '../errors.js';
import type { Words } from './words.js';

/**
 * `'required'`: the person is asked before the camera is. `'session'`: the same, and the answer holds
 * until the tab is closed, on all pages of the site.
 */
export type ConsentMode = 'none' | 'required' | 'session';

const MEMORY = 'emotion-cam-consent';

/** A person's agreement to be looked at. It holds for the element, in mode `session` for the tab. */
export class Consent {
  #isGiven = false;
  #answer: ((isGiven: boolean) => void) | undefined;

  isNeeded(mode: ConsentMode): boolean {
    if (mode === 'none' || this.#isGiven) return false;
    return mode === 'required' || sessionStore()?.getItem(MEMORY) !== 'given';
  }

  /**
   * Waits for the person's answer.
   *
   * @throws {EmotionCamError} `consent-declined`
   * @throws the signal's reason, if it is aborted
   */
  async ask(mode: ConsentMode, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const isGiven = await new Promise<boolean>((resolve, reject) => {
      this.#answer = resolve;
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    if (!isGiven) {
      throw new EmotionCamError('consent-declined', 'The person did not agree. Ask again later.');
    }
    this.#isGiven = true;
    if (mode === 'session') sessionStore()?.setItem(MEMORY, 'given');
  }

  answer(isGiven: boolean): void {
    this.#answer?.(isGiven);
    this.#answer = undefined;
  }

  /** Forgets that the person agreed. */
  withdraw(): void {
    this.#isGiven = false;
    sessionStore()?.removeItem(MEMORY);
  }
}

/** Browsers that block a site's data throw at the mere mention. */
function sessionStore(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** Says what will happen and asks for agreement. The page may put its own words in place of ours. */
export function consentView(
  { texts }: Words,
  handleAnswer: (isGiven: boolean) => void,
): TemplateResult {
  return html`
    <div part="consent" class="cover consent" role="group" aria-label=${texts.consentTitle}>
      <slot name="consent">
        <p class="title">${texts.consentTitle}</p>
        ${texts.consent.map((sentence) => html`<p>${sentence}</p>`)}
      </slot>
      <div class="buttons">
        <button part="agree-button" type="button" @click=${() => handleAnswer(true)}>
          ${texts.agree}
        </button>
        <button
          part="decline-button"
          class="quiet"
          type="button"
          @click=${() => handleAnswer(false)}
        >
          ${texts.decline}
        </button>
      </div>
    </div>
  `;
}
