import { html, type TemplateResult } from 'lit';
import { cssProperties } from './css-properties.js';
import { EMOTIONS, type Emotion } from './network/emotions.js';
import type { FaceReading, Scores } from './reading.js';

/** "happiness" → "Happiness" */
export function displayName(emotion: Emotion): string {
  return emotion.charAt(0).toUpperCase() + emotion.slice(1);
}

/** "Happiness", or "Happiness?" where that is not certain. */
export function faceName({ emotion, isUncertain }: FaceReading): string {
  return displayName(emotion) + (isUncertain ? '?' : '');
}

/** @param score 0 … 1 */
export function percent(score: number): string {
  return `${(score * 100).toFixed(0)} %`;
}

/**
 * Seven labelled bars in the order of the network's outputs, so that none ever changes its place.
 *
 * @param scores 0 … 1; none: empty bars without numbers
 * @param top the one to stand out
 */
export function scoreBars(scores: Scores | undefined, top: Emotion | undefined): TemplateResult {
  return html`
    <ul part="bars" class="bars" aria-label="Scores of the seven expressions">
      ${EMOTIONS.map((emotion) => scoreBar(emotion, scores?.[emotion], emotion === top))}
    </ul>
  `;
}

function scoreBar(emotion: Emotion, score: number | undefined, isTop: boolean): TemplateResult {
  const name = displayName(emotion);
  const value = score === undefined ? '–' : percent(score);
  const top = isTop ? ' top' : '';
  return html`
    <li part="row row-${emotion}${isTop ? ' row-top' : ''}" class="row${top}">
      <span part="name" class="name" aria-hidden="true">${name}</span>
      <div
        part="bar"
        class="bar"
        role="meter"
        aria-label=${name}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${((score ?? 0) * 100).toFixed(0)}
        aria-valuetext=${score === undefined ? 'no face' : value}
      >
        <div
          part="fill"
          class="fill"
          ${cssProperties({ '--score': (score ?? 0).toFixed(4) })}
        ></div>
      </div>
      <span part="value" class="value" aria-hidden="true">${value}</span>
    </li>
  `;
}
