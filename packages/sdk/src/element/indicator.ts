import { html, nothing, type TemplateResult } from 'lit';
import type { Words } from './words.js';

/**
 * Shows that the camera is on.
 *
 * @param handleStop of a button to stop it; none: no button
 */
export function indicator({ texts }: Words, handleStop: (() => void) | undefined): TemplateResult {
  return html`
    <div part="indicator" class="indicator">
      <span class="light"></span><span>${texts.cameraOn}</span>
      ${
        handleStop
          ? html`
              <button part="stop-button" class="small" type="button" @click=${handleStop}>
                ${texts.stop}
              </button>
            `
          : nothing
      }
    </div>
  `;
}
