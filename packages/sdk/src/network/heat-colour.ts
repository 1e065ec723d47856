/** How much of the hottest place's colour covers the picture. */
const STRONGEST_COVER = 0.65;

/**
 * The colour of a heat map over a picture, from yellow to red, the redder the more it covers.
 *
 * @param warmth - 0..1
 * @returns red, green and blue, 0..255, and the share of the picture that they cover, 0..1
 */
export function heatColour(warmth: number): {
  readonly rgb: readonly [number, number, number];
  readonly cover: number;
} {
  return { rgb: [255, Math.round(220 * (1 - warmth)), 30], cover: STRONGEST_COVER * warmth };
}
