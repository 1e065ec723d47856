import type { CropTransform } from './face-crop.js';
import type { ClassMap } from './face-network.js';
import { heatColour } from './network/heat-colour.js';

/** Where in the crop of a face the network's last convolution speaks for an expression. */
export interface HeatMap extends ClassMap {
  /** When the frame was shown that is explained. */
  readonly timestampMs: number;
  /** From pixels of the frame to pixels of the crop. */
  readonly toCrop: CropTransform;
  /** Side of the crop in pixels. */
  readonly cropSize: number;
}

/** The other way: from pixels of the crop to pixels of the frame. */
export function inverse({ a, b, c, d, e, f }: CropTransform): CropTransform {
  const determinant = a * d - b * c;
  return {
    a: d / determinant,
    b: -b / determinant,
    c: -c / determinant,
    d: a / determinant,
    e: (c * f - d * e) / determinant,
    f: (b * e - a * f) / determinant,
  };
}

/**
 * Draws a map over the whole crop, bilinear as `resizeHeatMaps` does it: transparent where nothing
 * speaks for the expression, red where most does.
 */
export function drawHeatMap({ values, width, height, cropSize }: HeatMap): OffscreenCanvas {
  const picture = new ImageData(cropSize, cropSize);
  const columns = positions(width, cropSize);
  const rows = positions(height, cropSize);
  rows.forEach(([top, bottom, down], y) => {
    columns.forEach(([left, right, across], x) => {
      const at = (row: number, column: number): number => values[row * width + column]!;
      const above = mix(at(top, left), at(top, right), across);
      const below = mix(at(bottom, left), at(bottom, right), across);
      const { rgb, cover } = heatColour(mix(above, below, down));
      picture.data.set([...rgb, Math.round(255 * cover)], (y * cropSize + x) * 4);
    });
  });
  const canvas = new OffscreenCanvas(cropSize, cropSize);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  return canvas;
}

/** For each pixel the two places on whose line its middle lies, and how far it is to the second. */
function positions(places: number, pixels: number): (readonly [number, number, number])[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = Math.min(places - 1, Math.max(0, ((pixel + 0.5) * places) / pixels - 0.5));
    const first = Math.floor(place);
    return [first, Math.min(places - 1, first + 1), place - first] as const;
  });
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
