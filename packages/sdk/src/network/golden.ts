import { CLASS_COUNT } from './config.js';
import { JsonObject } from './json-object.js';
import type { WeightsPrecision } from './manifest.js';

/** Pictures and the logits that every back end must give for them; the file beside the manifest. */
export interface Golden {
  /** Generated pictures: no person is in them. */
  readonly kind: 'generated';
  readonly seed: number;
  /** Number of pictures, N. */
  readonly inputs: number;
  /** Side S in pixels. */
  readonly size: number;
  /** base64 of RGB bytes, [N,S,S,3]. */
  readonly pixels: string;
  /** Of the weights before they were stored in less precision, [N][7]. */
  readonly logits: readonly (readonly number[])[];
  readonly variant: Readonly<Record<WeightsPrecision, readonly (readonly number[])[]>>;
}

/** One of the pictures. */
export interface GoldenPicture {
  /** Side in pixels. */
  readonly size: number;
  /** RGB, [S,S,3]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** In the order of `EMOTIONS`. */
  readonly logits: readonly number[];
}

/**
 * The first picture of a golden file, with the logits of one precision of the weights.
 *
 * @param json - the parsed file
 * @throws {JsonFieldError} it is not what {@link Golden} says
 */
export function firstGoldenPicture(json: unknown, precision: WeightsPrecision): GoldenPicture {
  const document = new JsonObject(json, '');
  const size = document.integer('size', 1);
  const bytes = size ** 2 * 3;
  const encoded = document.string('pixels').slice(0, Math.ceil(bytes / 3) * 4);
  const pixels = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  const isRow = (value: unknown): value is number[] =>
    Array.isArray(value) && value.length === CLASS_COUNT && value.every(Number.isFinite);
  const rows = document
    .object('variant')
    .check(
      precision,
      (value): value is number[][] =>
        Array.isArray(value) && value.length > 0 && value.every(isRow),
      `rows of ${CLASS_COUNT} numbers`,
    );
  return { size, pixels: pixels.subarray(0, bytes), logits: rows[0]! };
}
