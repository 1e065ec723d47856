import { drawnVideo, type DrawnVideo } from './drawn-video.js';
import { astronaut } from './pictures.js';

/** In the frame the portrait is doubled, so that its face is some 190 pixels wide around (290, 220). */
const SCALE = 2;
const SHIFT = { x: -160, y: -40 };

/** A video of 640x480 pixels with one face in it, which can go away. */
export interface DrawnPortrait extends DrawnVideo {
  isFaceThere: boolean;
}

export async function drawnPortrait(): Promise<DrawnPortrait> {
  const portrait = await astronaut();
  const shown = { isFaceThere: true };
  const drawn = await drawnVideo({
    width: 640,
    height: 480,
    draw: (context, frame) => {
      context.fillStyle = frame % 2 ? '#777777' : '#787878'; // every frame differs: none is skipped
      context.fillRect(0, 0, 640, 480);
      if (!shown.isFaceThere) return;
      const side = portrait.width * SCALE;
      context.drawImage(portrait, SHIFT.x, SHIFT.y, side, side);
    },
  });
  return Object.assign(shown, drawn);
}
