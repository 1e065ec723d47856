/** Eileen Collins, 512x512 pixels; the only face in it is about 95 pixels wide around (225, 130). */
export async function astronaut(): Promise<ImageBitmap> {
  const url = new URL('../../../../../e2e/fixtures/astronaut.png', import.meta.url);
  return createImageBitmap(await (await fetch(url)).blob());
}

/** A canvas and what is drawn on it. */
export function drawn(
  width: number,
  height: number,
  draw: (context: OffscreenCanvasRenderingContext2D) => void = () => undefined,
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  draw(canvas.getContext('2d', { willReadFrequently: true })!);
  return canvas;
}

/** A picture placed on grey: its top left corner, factor of its size, clockwise tilt. */
export function placed(
  picture: ImageBitmap,
  frame: { readonly width: number; readonly height: number },
  place: { readonly x: number; readonly y: number; readonly scale: number; readonly tilt?: number },
): OffscreenCanvas {
  return drawn(frame.width, frame.height, (context) => {
    context.fillStyle = 'grey';
    context.fillRect(0, 0, frame.width, frame.height);
    context.imageSmoothingQuality = 'high';
    context.translate(place.x, place.y);
    context.rotate(((place.tilt ?? 0) * Math.PI) / 180);
    context.scale(place.scale, place.scale);
    context.drawImage(picture, 0, 0);
  });
}
