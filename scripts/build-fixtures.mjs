/**
 * Makes the recorded clip from e2e/fixtures/astronaut.png: clip.webm (for `src` and the demo),
 * clip.mjpeg (for Chromium's fake camera, which plays it at 30 frames a second) and clip.json (where
 * the face is in every frame). Needs ffmpeg; its outputs are committed, so nothing else does.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { CLIP, PORTRAIT, faceAt, poseAt } from './lib/clip-motion.mjs';
import { Explained, runMain, say, step } from './lib/log.mjs';
import { ROOT } from './lib/run.mjs';

const FOLDER = `${ROOT}e2e/fixtures/`;
const PICTURE = { file: `${FOLDER}astronaut.png`, size: 512 };
const BACKGROUND = [203, 196, 195]; // the wall behind the portrait
const FEATHER = 14; // width of the portrait's soft edge, pixels of the picture

await runMain(async () => {
  const pixels = readPicture();
  const frames = Array.from({ length: CLIP.frames }, (_, index) => index);

  step(`Drawing ${CLIP.frames} frames`);
  const webm = encoder('clip.webm', [
    ...['-c:v', 'libvpx-vp9', '-b:v', '0', '-crf', '38', '-g', '30', '-row-mt', '1'],
    ...['-pix_fmt', 'yuv420p', '-fflags', '+bitexact', '-flags:v', '+bitexact'],
  ]);
  // Chromium's fake camera reads the full range of a JPEG as the video range, which would stretch the
  // contrast; so the frames are written in the video range and come out of the camera right.
  const mjpeg = encoder('clip.mjpeg', [
    ...['-vf', 'scale=out_range=tv', '-pix_fmt', 'yuv420p', '-color_range', 'tv'],
    ...['-c:v', 'mjpeg', '-strict', 'unofficial', '-q:v', '8'],
  ]);
  for (const frame of frames) {
    const image = drawFrame(pixels, poseAt(frame / CLIP.framesPerSecond));
    await Promise.all([webm.write(image), mjpeg.write(image)]);
  }
  await Promise.all([webm.end(), mjpeg.end()]);

  const rows = frames.map((frame) => JSON.stringify(faceAt(frame)));
  const head = JSON.stringify({ ...CLIP }).slice(0, -1);
  writeFileSync(`${FOLDER}clip.json`, `${head},"faces":[\n${rows.join(',\n')}\n]}\n`);
  for (const name of ['clip.webm', 'clip.mjpeg', 'clip.json']) {
    say(`  e2e/fixtures/${name}: ${statSync(FOLDER + name).size} bytes`);
  }
});

/** @returns {Uint8Array} RGB, [512, 512, 3] */
function readPicture() {
  const { stdout, status, error } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', PICTURE.file, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    { maxBuffer: 2 ** 26 },
  );
  if (error || status !== 0) {
    throw new Explained(
      `ffmpeg cannot read ${PICTURE.file} (${error?.message ?? `exit code ${status}`}). ` +
        'Install ffmpeg (Debian: apt-get install ffmpeg) and run the command again.',
    );
  }
  return stdout;
}

/** @param {string} name @param {readonly string[]} options */
function encoder(name, options) {
  const { width, height, framesPerSecond } = CLIP;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`];
  const child = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-y',
      ...input,
      '-r',
      `${framesPerSecond}`,
      '-i',
      '-',
      ...options,
      FOLDER + name,
    ],
    { stdio: ['pipe', 'inherit', 'inherit'] },
  );
  return {
    /** @param {Uint8Array} image */
    async write(image) {
      if (!child.stdin.write(image)) await once(child.stdin, 'drain');
    },
    async end() {
      child.stdin.end();
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Explained(`ffmpeg could not write ${name}: exit code ${code}.`);
    },
  };
}

/**
 * @param {Uint8Array} picture
 * @param {import('./lib/clip-motion.mjs').Pose | undefined} pose
 * @returns {Uint8Array} RGB, [480, 640, 3]
 */
function drawFrame(picture, pose) {
  const { width, height } = CLIP;
  const image = new Uint8Array(width * height * 3);
  for (let i = 0; i < image.length; i += 3) image.set(BACKGROUND, i);
  if (!pose) return image;

  const { crop, face } = PORTRAIT;
  const centreX = face.x + face.width / 2;
  const centreY = face.y + face.height / 2;
  const angle = (pose.tiltDegrees * Math.PI) / 180;
  const cos = Math.cos(angle) / pose.scale;
  const sin = Math.sin(angle) / pose.scale;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dx = x + 0.5 - pose.x;
      const dy = y + 0.5 - pose.y;
      const sourceX = centreX + cos * dx + sin * dy; // the frame's pixel turned back into the picture
      const sourceY = centreY - sin * dx + cos * dy;
      const toEdge = Math.min(
        ...[sourceX - crop.x, crop.x + crop.width - sourceX],
        ...[sourceY - crop.y, crop.y + crop.height - sourceY],
      );
      if (toEdge <= 0) continue;
      blend(image, (y * width + x) * 3, picture, sourceX - 0.5, sourceY - 0.5, toEdge / FEATHER);
    }
  }
  return image;
}

/** Bilinear sample over the background. @param {Uint8Array} image @param {number} at @param {Uint8Array} picture @param {number} x @param {number} y @param {number} opacity */
function blend(image, at, picture, x, y, opacity) {
  const limit = PICTURE.size - 2;
  const left = Math.max(0, Math.min(limit, Math.floor(x)));
  const top = Math.max(0, Math.min(limit, Math.floor(y)));
  const u = Math.max(0, Math.min(1, x - left));
  const v = Math.max(0, Math.min(1, y - top));
  const cover = Math.min(1, opacity);
  const stride = PICTURE.size * 3;
  const corner = top * stride + left * 3;
  for (let c = 0; c < 3; c += 1) {
    const upper = picture[corner + c] * (1 - u) + picture[corner + 3 + c] * u;
    const lower = picture[corner + stride + c] * (1 - u) + picture[corner + stride + 3 + c] * u;
    const sample = upper * (1 - v) + lower * v;
    image[at + c] = Math.round(sample * cover + image[at + c] * (1 - cover));
  }
}
