import { html, type TemplateResult } from 'lit';
import { EMOTIONS, type Emotion } from '../network/emotions.js';
import type { FaceReading } from '../reading.js';
import { cssProperties } from './css-properties.js';
import type { Words } from './words.js';

/**
 * The likeliest expression and all scores, with room for the page's own below.
 *
 * @param placeholder in place of the expression where there is no face
 */
export function scorePanel(
  face: FaceReading | undefined,
  words: Words,
  placeholder: string,
): TemplateResult {
  return html`
    <div part="panel" class="panel">
      <p part="label" class="label ${face ? '' : 'none'}" aria-hidden="true">
        <span>${face ? words.face(face) : placeholder}</span>
        <span class="score">${face && words.percent(face.scores[face.emotion])}</span>
      </p>
      ${scoreBars(face, words)}
      <slot></slot>
    </div>
  `;
}

/**
 * Seven labelled bars in the order of the network's outputs, so that none ever changes its place.
 *
 * @param face none: empty bars without numbers
 */
function scoreBars(face: FaceReading | undefined, words: Words): TemplateResult {
  return html`
    <ul part="bars" class="bars" aria-label=${words.texts.scores}>
      ${EMOTIONS.map((emotion) => scoreBar(emotion, face, words))}
    </ul>
  `;
}

function scoreBar(emotion: Emotion, face: FaceReading | undefined, words: Words): TemplateResult {
  const name = words.emotion(emotion);
  const score = face?.scores[emotion];
  const value = score === undefined ? '–' : words.percent(score);
  const isTop = face?.emotion === emotion;
  return html`
    <li part="row row-${emotion}${isTop ? ' row-top' : ''}" class="row ${isTop ? 'top' : ''}">
      <span part="name" class="name" aria-hidden="true" data-name=${name}>${name}</span>
      <div
        part="bar"
        class="bar"
        role="meter"
        aria-label=${name}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${((score ?? 0) * 100).toFixed(0)}
        aria-valuetext=${score === undefined ? words.texts.noFace : value}
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
