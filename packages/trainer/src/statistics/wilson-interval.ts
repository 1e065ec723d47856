/** Of the standard normal distribution: 95 per cent lie within this many deviations. */
const Z = 1.959964;

/**
 * 95 per cent interval of a share by Wilson's score: what the accuracy on other images of the same
 * kind may well be. It takes the images for independent.
 *
 * @param hits - of `count`
 * @throws {RangeError} of no images
 */
export function wilsonInterval(hits: number, count: number): [number, number] {
  if (count < 1) throw new RangeError('An interval needs at least one image.');
  const share = hits / count;
  const shrink = 1 + Z ** 2 / count;
  const middle = (share + Z ** 2 / (2 * count)) / shrink;
  const reach = (Z / shrink) * Math.sqrt((share * (1 - share)) / count + (Z / (2 * count)) ** 2);
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}
