import { assign } from './assignment.js';
import type { Point } from './face-crop.js';
import type { Box, DetectedFace } from './face-detector.js';
import { OneEuroFilter, type OneEuroParameters } from './one-euro-filter.js';

/** A face that was found, with the number that it keeps from frame to frame. */
export interface TrackedFace extends DetectedFace {
  /** Counts up from 1 and is never given to another face. */
  readonly id: number;
}

/** A face that is out of sight for longer is another one when it comes back. */
export const LONGEST_ABSENCE_MS = 1000;

/**
 * Of boxes and key points, in face sizes and face sizes a second. BlazeFace's points jitter by about
 * 2 % of a face at rest: this leaves a third of it at 30 frames a second and three quarters at 5. What
 * is seen to move by more than twice the jitter moves: no lag is larger than that, at any speed and
 * any number of frames a second.
 */
const SMOOTHING: OneEuroParameters = {
  minCutoffHz: 0.5,
  cutoffHzPerSpeed: 5,
  speedCutoffHz: 1,
  largestJitter: 0.04,
};

/** A face out of sight is looked for where it was headed; it slows down with this time constant. */
const COASTING_SECONDS = 0.3;

/** How far from there a face can be the same one, in face sizes: at once, and for each second unseen. */
const REACH = 0.75;
const REACH_PER_SECOND = 2;

/** What it costs more that a face stopped where it was seen last, as one does that turned at an edge. */
const COST_OF_A_STOP = 0.5;

/** Two faces of which one is so many times as wide as the other are not the same one. */
const LARGEST_SIZE_RATIO = 2;

/** Between two that fit as well, the one that was seen last: for each second, as much as a face size. */
const COST_PER_SECOND_UNSEEN = 0.5;

/** What a face that is new costs, as the farthest that can be the same one does. */
const COST_OF_NO_PAIR = 3;

/** A face takes the place of one before it in the order when it covers so many times its area. */
const OVERTAKING_RATIO = 1.25;

/** Side of the square of a box's area, in pixels. */
function sizeOf({ width, height }: Box): number {
  return Math.sqrt(width * height);
}

function areaOf({ width, height }: Box): number {
  return width * height;
}

/** Intersection over union, 0..1. */
function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

/** Everything of a face that is smoothed, as a list: the middle and the sides of its box, its points. */
function flatten({ box, keyPoints }: DetectedFace): number[] {
  const { x, y, width, height } = box;
  return [x + width / 2, y + height / 2, width, height, ...keyPoints.flatMap(({ x, y }) => [x, y])];
}

function unflatten(values: readonly number[]): Pick<DetectedFace, 'box' | 'keyPoints'> {
  const [middleX, middleY, width, height, ...points] = values as [number, number, number, number];
  const keyPoints: Point[] = [];
  for (let i = 0; i < points.length; i += 2) keyPoints.push({ x: points[i]!, y: points[i + 1]! });
  return {
    box: { x: middleX - width / 2, y: middleY - height / 2, width, height },
    keyPoints: keyPoints as unknown as DetectedFace['keyPoints'],
  };
}

/** One face through time. */
class Track {
  readonly id: number;
  readonly #filter: OneEuroFilter;
  #seen: DetectedFace;
  #seenAtMs: number;

  constructor(id: number, face: DetectedFace, timestampMs: number) {
    this.id = id;
    this.#filter = new OneEuroFilter(flatten(face), SMOOTHING);
    this.#seen = face;
    this.#seenAtMs = timestampMs;
  }

  /** The face as it was seen last, steadied. */
  get face(): TrackedFace {
    return { id: this.id, score: this.#seen.score, ...unflatten(this.#filter.values) };
  }

  secondsUnseen(timestampMs: number): number {
    return (timestampMs - this.#seenAtMs) / 1000;
  }

  see(face: DetectedFace, timestampMs: number): void {
    const elapsedSeconds = this.secondsUnseen(timestampMs);
    this.#filter.update(flatten(face), elapsedSeconds, sizeOf(face.box));
    this.#seen = face;
    this.#seenAtMs = timestampMs;
  }

  /** The face where it is by now if it moves on as it did, steadied. */
  faceAt(timestampMs: number): TrackedFace {
    const { face } = this;
    const { x, y } = this.#path(this.secondsUnseen(timestampMs));
    const { box, keyPoints } = face;
    return {
      ...face,
      box: { ...box, x: box.x + x, y: box.y + y },
      keyPoints: keyPoints.map((point) => ({
        x: point.x + x,
        y: point.y + y,
      })) as unknown as DetectedFace['keyPoints'],
    };
  }

  /** How far it goes in so many seconds if nothing stops it, in pixels. */
  #path(seconds: number): Point {
    const [speedX, speedY] = this.#filter.speeds as [number, number];
    const path = COASTING_SECONDS * (1 - Math.exp(-seconds / COASTING_SECONDS));
    return { x: speedX * path, y: speedY * path };
  }

  /**
   * How badly a face fits to be this one: mean distance of the key points from where they are
   * expected, in face sizes, and the part of the boxes that does not overlap; `Infinity` where it
   * cannot be.
   */
  costOf(face: DetectedFace, timestampMs: number): number {
    const [size, otherSize] = [sizeOf(this.#seen.box), sizeOf(face.box)];
    if (Math.max(size, otherSize) > LARGEST_SIZE_RATIO * Math.min(size, otherSize)) return Infinity;
    const seconds = this.secondsUnseen(timestampMs);
    const reach = REACH + REACH_PER_SECOND * seconds;
    const wentOn = this.#misfit(face, this.#path(seconds), reach);
    const stopped = this.#misfit(face, { x: 0, y: 0 }, reach) + COST_OF_A_STOP;
    return Math.min(wentOn, stopped) + COST_PER_SECOND_UNSEEN * seconds;
  }

  /** @param moved - since it was seen last, in pixels */
  #misfit(face: DetectedFace, moved: Point, reach: number): number {
    const { box, keyPoints } = this.#seen;
    const sum = keyPoints.reduce((total, { x, y }, i) => {
      const point = face.keyPoints[i]!;
      return total + Math.hypot(point.x - x - moved.x, point.y - y - moved.y);
    }, 0);
    const distance = sum / keyPoints.length / Math.sqrt(sizeOf(box) * sizeOf(face.box));
    if (!(distance <= reach)) return Infinity; // also where a coordinate is no number
    const expected = { ...box, x: box.x + moved.x, y: box.y + moved.y };
    return distance + 1 - overlapOf(expected, face.box);
  }
}

/**
 * Follows faces from frame to frame: gives each a number that it keeps while it moves, crosses another
 * or is hidden for up to a second, and steadies its box and key points. Faces are told apart by place,
 * motion and size, never by what they look like.
 */
export class FaceTracker {
  /** In the order of the last answer, then those that were not seen. */
  #tracks: Track[] = [];
  /** How many of them the last frame had. */
  #inSight = 0;
  #lastId = 0;
  #timestampMs = -Infinity;

  /**
   * Takes the faces of the next frame.
   *
   * @param faces - in pixels of the frame
   * @param timestampMs - when the frame was shown. One before the last begins a new sequence, as when
   *   a video starts over
   * @returns the same faces, the largest first; once two are about as large they keep their places
   */
  update(faces: readonly DetectedFace[], timestampMs: number): TrackedFace[] {
    if (timestampMs < this.#timestampMs) this.reset();
    this.#timestampMs = timestampMs;
    const known = this.#tracks.filter(
      (track) => track.secondsUnseen(timestampMs) * 1000 <= LONGEST_ABSENCE_MS,
    );
    const costs = faces.map((face) => known.map((track) => track.costOf(face, timestampMs)));
    const seen = new Set<Track>();
    for (const [i, trackIndex] of assign(costs, COST_OF_NO_PAIR).entries()) {
      const track = known[trackIndex] ?? new Track(++this.#lastId, faces[i]!, timestampMs);
      track.see(faces[i]!, timestampMs);
      seen.add(track);
    }
    const before = known.filter((track) => seen.has(track));
    const fresh = [...seen].filter((track) => !known.includes(track));
    fresh.sort((a, b) => areaOf(b.face.box) - areaOf(a.face.box));
    const inOrder = frontFirst([...before, ...fresh]);
    this.#tracks = [...inOrder, ...known.filter((track) => !seen.has(track))];
    this.#inSight = inOrder.length;
    return inOrder.map(({ face }) => face);
  }

  /**
   * Where the faces of the last frame are by now, for a frame in which they are not looked for.
   *
   * @param timestampMs - not before the last
   * @returns the same faces in the same order, moved on at their speeds
   */
  predict(timestampMs: number): TrackedFace[] {
    return this.#tracks.slice(0, this.#inSight).map((track) => track.faceAt(timestampMs));
  }

  /** Forgets all faces: the next ones are others, with new numbers. */
  reset(): void {
    this.#tracks = [];
    this.#inSight = 0;
    this.#timestampMs = -Infinity;
  }
}

/** Insertion sort in which a face passes only those that are clearly smaller. */
function frontFirst(tracks: readonly Track[]): Track[] {
  const inOrder: Track[] = [];
  for (const track of tracks) {
    const area = areaOf(track.face.box);
    let place = inOrder.length;
    while (place > 0 && area > OVERTAKING_RATIO * areaOf(inOrder[place - 1]!.face.box)) place -= 1;
    inOrder.splice(place, 0, track);
  }
  return inOrder;
}
