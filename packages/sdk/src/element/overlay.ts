import { warnOnce } from './warn-once.js';

/** What can be drawn: around and on the face, and the scores beside the picture. */
const PARTS = ['box', 'mesh-points', 'heatmap', 'label', 'bars'] as const;

export type OverlayPart = (typeof PARTS)[number];

/** @param value of the attribute `overlay`: parts with spaces between them, or `none` */
export function parseOverlay(value: string): ReadonlySet<OverlayPart> {
  const names = value.split(/\s+/).filter((name) => name !== '' && name !== 'none');
  const isPart = (name: string): name is OverlayPart => PARTS.includes(name as OverlayPart);
  for (const name of names) {
    if (!isPart(name)) {
      warnOnce(`overlay="${value}": "${name}" is none of ${PARTS.join(', ')} and is ignored.`);
    }
  }
  return new Set(names.filter(isPart));
}
