/**
 * How the recorded clip moves: the portrait wanders, grows, tilts, leaves the frame, stays away and
 * comes back to where it began, so that the clip loops. Pure arithmetic: the fixture builder draws it
 * and the tests read the face's known place from the table it writes.
 */

export const CLIP = { width: 640, height: 480, framesPerSecond: 15, frames: 150 };

/**
 * Part of astronaut.png that is drawn, and the face in it from hairline to chin and cheek to cheek,
 * both measured by hand in pixels of the 512x512 picture.
 */
export const PORTRAIT = {
  crop: { x: 60, y: 0, width: 330, height: 345 },
  face: { x: 178, y: 80, width: 96, height: 98 },
};

/**
 * @typedef {object} Pose
 * @property {number} x centre of the face in the frame, pixels
 * @property {number} y centre of the face in the frame, pixels
 * @property {number} scale frame pixels to a pixel of the picture
 * @property {number} tiltDegrees clockwise
 */

/** [seconds, pose]; smooth from one to the next. @type {readonly (readonly [number, Pose])[]} */
const KEY_POSES = [
  [0.0, { x: 320, y: 235, scale: 1.5, tiltDegrees: 0 }],
  [1.2, { x: 335, y: 228, scale: 1.6, tiltDegrees: 0 }],
  [2.6, { x: 410, y: 215, scale: 2.1, tiltDegrees: 0 }],
  [3.8, { x: 350, y: 235, scale: 1.8, tiltDegrees: 15 }],
  [5.0, { x: 260, y: 245, scale: 1.3, tiltDegrees: -15 }],
  [5.4, { x: 240, y: 245, scale: 1.3, tiltDegrees: -12 }],
  [6.0, { x: -280, y: 245, scale: 1.4, tiltDegrees: 0 }],
  [8.0, { x: 930, y: 235, scale: 1.5, tiltDegrees: 0 }],
  [8.6, { x: 320, y: 235, scale: 1.5, tiltDegrees: 0 }],
  [10.0, { x: 320, y: 235, scale: 1.5, tiltDegrees: 0 }],
];
/** Seconds without the portrait: it left to the left and comes back from the right. */
const AWAY = { from: 6.0, until: 8.0 };

/**
 * @param {number} time seconds from the start of the clip
 * @returns {Pose | undefined} undefined while the portrait is away
 */
export function poseAt(time) {
  if (time >= AWAY.from && time < AWAY.until) return undefined;
  const next = KEY_POSES.findIndex(([at]) => at > time);
  const [endTime, end] = KEY_POSES[next === -1 ? KEY_POSES.length - 1 : next];
  const [startTime, start] = KEY_POSES[next === -1 ? KEY_POSES.length - 1 : next - 1];
  const part = endTime === startTime ? 0 : (time - startTime) / (endTime - startTime);
  const eased = part * part * (3 - 2 * part);
  /** @param {keyof Pose} key */
  const between = (key) => start[key] + (end[key] - start[key]) * eased;
  return {
    x: between('x'),
    y: between('y'),
    scale: between('scale'),
    tiltDegrees: between('tiltDegrees'),
  };
}

/**
 * Where the face is in a frame.
 *
 * @param {number} frame 0 … CLIP.frames - 1
 * @returns {{ frame: number, time: number, visible: number, tiltDegrees: number,
 *   box: { x: number, y: number, width: number, height: number } | null }} visible: the part of the box
 *   that lies inside the frame, 1 = all of it; box: null while the portrait is away
 */
export function faceAt(frame) {
  const time = round(frame / CLIP.framesPerSecond, 4);
  const pose = poseAt(time);
  if (!pose) return { frame, time, visible: 0, tiltDegrees: 0, box: null };
  const width = PORTRAIT.face.width * pose.scale;
  const height = PORTRAIT.face.height * pose.scale;
  const x = pose.x - width / 2;
  const y = pose.y - height / 2;
  const inside = overlap(x, x + width, CLIP.width) * overlap(y, y + height, CLIP.height);
  return {
    frame,
    time,
    visible: round(inside / (width * height), 3),
    tiltDegrees: round(pose.tiltDegrees, 1),
    box: { x: round(x, 1), y: round(y, 1), width: round(width, 1), height: round(height, 1) },
  };
}

/** Length of [start, end] inside [0, limit]. @param {number} start @param {number} end @param {number} limit */
function overlap(start, end, limit) {
  return Math.max(0, Math.min(end, limit) - Math.max(start, 0));
}

/** @param {number} value @param {number} digits */
function round(value, digits) {
  return Number(value.toFixed(digits)) + 0; // + 0: no negative zero
}
