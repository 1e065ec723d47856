import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {{ x: number, y: number, width: number, height: number }} Box pixels of the frame */

const FIXTURES = new URL('../fixtures/', import.meta.url);

/** Where the face is in every frame of the clip: see fixtures/README.md. */
export const CLIP = JSON.parse(readFileSync(new URL('clip.json', FIXTURES), 'utf8'));

/** Chromium's arguments for a camera that plays the clip and a user who allows it. */
export const CLIP_AS_CAMERA = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${fileURLToPath(new URL('clip.mjpeg', FIXTURES))}`,
];

/**
 * The frame that a result was made of, and its neighbours.
 *
 * @param {import('../../scripts/lib/probe.mjs').Sighting} sighting
 */
export function framesAround({ videoTime }) {
  return CLIP.faces.filter(({ time }) => Math.abs(time - videoTime) < 1.5 / CLIP.framesPerSecond);
}

/** Intersection over union. @param {Box} a @param {Box} b @returns {number} 0 … 1 */
export function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/**
 * @param {Box} box
 * @param {readonly { box: Box | null }[]} faces
 * @returns {number} the best overlap with any of them, 0 … 1
 */
export function bestOverlap(box, faces) {
  return Math.max(0, ...faces.map((face) => (face.box ? overlap(box, face.box) : 0)));
}

/** @param {readonly import('../../scripts/lib/probe.mjs').Sighting[]} sightings */
export function emotionsOf(sightings) {
  return sightings.filter(({ type }) => type === 'emotion');
}

/** @param {readonly import('../../scripts/lib/probe.mjs').Sighting[]} sightings */
export function errorsOf(sightings) {
  return sightings.flatMap(({ type, code, message }) =>
    type === 'error' ? [`${code}: ${message}`] : [],
  );
}

/** The share of results with this emotion on top. @param {readonly import('../../scripts/lib/probe.mjs').Sighting[]} sightings @param {string} emotion @returns {number} 0 … 1 */
export function shareOf(sightings, emotion) {
  const results = emotionsOf(sightings);
  return results.filter((one) => one.emotion === emotion).length / results.length;
}
