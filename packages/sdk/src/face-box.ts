import { html, type TemplateResult } from 'lit';
import { cssProperties } from './css-properties.js';
import type { Box } from './face-detector.js';
import type { FrameSize } from './frame.js';
import type { FaceReading } from './reading.js';
import { faceName, percent } from './score-bars.js';

/** Fractions of the picture as it is shown, 0 … 1. */
export interface ShownBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A tag above the box needs this much of the picture's height; with less it goes inside. */
const TAG_HEIGHT = 0.14;
/** A tag in the middle of the box needs this much of the picture's width on either side. */
const HALF_TAG_WIDTH = 0.25;

/** Where a box of the frame is on screen, cut off at the edges of the picture. */
export function shownBox(box: Box, frame: FrameSize, isMirrored: boolean): ShownBox {
  const left = clamp(box.x / frame.width);
  const right = clamp((box.x + box.width) / frame.width);
  const top = clamp(box.y / frame.height);
  const bottom = clamp((box.y + box.height) / frame.height);
  return {
    left: isMirrored ? 1 - right : left,
    top,
    width: right - left,
    height: bottom - top,
  };
}

/** The box around a face, with its expression on a tag. */
export function faceBox(face: FaceReading, frame: FrameSize, isMirrored: boolean): TemplateResult {
  const shown = shownBox(face.box, frame, isMirrored);
  const { left, top, width, height } = shown;
  const place = {
    '--left': left.toFixed(4),
    '--top': top.toFixed(4),
    '--width': width.toFixed(4),
    '--height': height.toFixed(4),
  };
  return html`
    <div part="box" class="box" aria-hidden="true" ${cssProperties(place)}>
      <span part="tag" class="tag ${tagPlace(shown)}">
        ${faceName(face)} ${percent(face.scores[face.emotion])}
      </span>
    </div>
  `;
}

/** Keeps the tag in the picture. */
function tagPlace({ left, top, width }: ShownBox): string {
  const middle = left + width / 2;
  const across =
    middle < HALF_TAG_WIDTH ? 'at-left' : middle > 1 - HALF_TAG_WIDTH ? 'at-right' : '';
  return top < TAG_HEIGHT ? `inside ${across}` : across;
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
