import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from './css-properties.js';

/** @param progress of the download, 0 … 1; none: not known */
export function loadingView(
  text: string,
  progress: number | undefined,
  isOverPicture: boolean,
): TemplateResult {
  return html`
    <div part="message" class="cover ${isOverPicture ? 'over-picture' : ''}">
      <slot name="loading"><p>${text}</p></slot>
      <div
        class="progress ${progress === undefined ? 'unknown' : ''}"
        role="progressbar"
        aria-label=${text}
        aria-valuenow=${progress === undefined ? nothing : (progress * 100).toFixed(0)}
        ${cssProperties({ '--progress': progress ?? 1 })}
      ></div>
    </div>
  `;
}
