import type { Explanation } from '../explanation.js';
import type { FrameSize } from '../frame.js';

/**
 * Draws explanations in place of those that were there. The canvas gets the size of the frame, so that
 * it is in register with a picture that is shown at the same place.
 */
export function drawHeatMaps(
  canvas: HTMLCanvasElement,
  { width, height }: FrameSize,
  explanations: readonly Pick<Explanation, 'canvas' | 'toFrame'>[],
): void {
  Object.assign(canvas, { width, height }); // empties it, too
  const context = canvas.getContext('2d')!;
  for (const explanation of explanations) {
    context.setTransform(explanation.toFrame);
    context.drawImage(explanation.canvas, 0, 0);
  }
}
