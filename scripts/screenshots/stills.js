/* What the camera shows in the pictures: the portrait of the fixtures, or a wall. */

export const SIZE = { width: 640, height: 480 };

/**
 * @param {'one' | 'two' | 'nobody'} still how many faces it has
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function drawStill(still) {
  const canvas = Object.assign(document.createElement('canvas'), SIZE);
  const context = canvas.getContext('2d');
  context.fillStyle = '#5b6b7d';
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  const response = await fetch('/shots/astronaut.png');
  const portrait = await createImageBitmap(await response.blob());
  if (still === 'one') context.drawImage(portrait, 0, 0, 512, 384, 0, 0, 640, 480);
  if (still === 'two') {
    context.drawImage(portrait, 96, 0, 256, 384, 0, 0, 320, 480);
    context.setTransform(-1, 0, 0, 1, 640, 0); // her reflection
    context.drawImage(portrait, 96, 40, 256, 344, 0, 0, 320, 480);
    context.resetTransform();
  }
  return canvas;
}

/** As a camera gives it. @param {HTMLCanvasElement} canvas @returns {MediaStream} */
export function streamOf(canvas) {
  const context = canvas.getContext('2d');
  const repeat = () => {
    context.drawImage(canvas, 0, 0); // a frame is captured when something is drawn
    requestAnimationFrame(repeat);
  };
  repeat();
  return canvas.captureStream(30);
}
