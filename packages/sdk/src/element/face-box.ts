import { html, nothing, type TemplateResult } from 'lit';
import type { Box } from '../face-detector.js';
import type { FrameSize } from '../frame.js';
import type { FaceReading } from '../reading.js';
import { cssProperties } from './css-properties.js';
import type { OverlayPart } from './overlay.js';
import type { Words } from './words.js';

/** Fractions of the picture as it is shown, 0 … 1. */
export interface ShownBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a face is drawn. */
export interface FaceView {
  readonly frame: FrameSize;
  readonly isMirrored: boolean;
  readonly overlay: ReadonlySet<OverlayPart>;
  readonly words: Words;
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

/** The box around a face, its expression on a tag, and its eyes, nose, mouth and ears as points. */
export function faceBox(face: FaceReading, view: FaceView): TemplateResult {
  const { frame, isMirrored, overlay, words } = view;
  const shown = shownBox(face.box, frame, isMirrored);
  const { left, top, width, height } = shown;
  const place = {
    '--left': left.toFixed(4),
    '--top': top.toFixed(4),
    '--width': width.toFixed(4),
    '--height': height.toFixed(4),
  };
  const frameClass = overlay.has('box') ? '' : 'bare';
  return html`
    <div part="box" class="box ${frameClass}" aria-hidden="true" ${cssProperties(place)}>
      ${
        overlay.has('label')
          ? html`<span part="tag" class="tag ${tagPlace(shown)}">${words.faceAndScore(face)}</span>`
          : nothing
      }
    </div>
    ${overlay.has('mesh-points') ? keyPoints(face, view) : nothing}
  `;
}

function keyPoints({ keyPoints }: FaceReading, { frame, isMirrored }: FaceView): unknown {
  return keyPoints.map(({ x, y }) => {
    const left = x / frame.width;
    const place = {
      '--left': (isMirrored ? 1 - left : left).toFixed(4),
      '--top': (y / frame.height).toFixed(4),
    };
    return html`<span
      part="point"
      class="point"
      aria-hidden="true"
      ${cssProperties(place)}
    ></span>`;
  });
}

/** Keeps the tag in the picture. */
function tagPlace({ left, top, width, height }: ShownBox): string {
  const middle = left + width / 2;
  const across =
    middle < HALF_TAG_WIDTH ? 'at-left' : middle > 1 - HALF_TAG_WIDTH ? 'at-right' : '';
  if (top >= TAG_HEIGHT) return across;
  return `${top + height <= 1 - TAG_HEIGHT ? 'below' : 'inside'} ${across}`;
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
