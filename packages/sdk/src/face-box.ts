import { html, type TemplateResult } from 'lit';
import { cssProperties } from './css-properties.js';
import type { Box } from './face-detector.js';
import type { FrameSize } from './frame.js';
import type { FaceReading } from './recognizer.js';
import { displayName, percent } from './score-bars.js';

/** Fractions of the picture as it is shown, 0 … 1. */
export interface ShownBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A tag above the box needs this much of the picture's height; with less it goes inside. */
const TAG_ROOM = 0.14;

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
  const { left, top, width, height } = shownBox(face.box, frame, isMirrored);
  const place = {
    '--left': left.toFixed(4),
    '--top': top.toFixed(4),
    '--width': width.toFixed(4),
    '--height': height.toFixed(4),
  };
  return html`
    <div part="box" class="box" aria-hidden="true" ${cssProperties(place)}>
      <span part="tag" class="tag ${top < TAG_ROOM ? 'inside' : ''}">
        ${displayName(face.emotion)} ${percent(face.scores[face.emotion])}
      </span>
    </div>
  `;
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
