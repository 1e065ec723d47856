import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import pixelmatch from 'pixelmatch';
import sharp from 'sharp';
import { ROOT } from '../lib/run.mjs';

const REFERENCES = `${ROOT}scripts/screenshots/references/`;
const DIFFERENCES = `${ROOT}packages/demo-widget/dist/screenshots/differences/`;
/** Of two pixels, 0 … 1: the references have 256 colours each. */
const COLOUR_TOLERANCE = 0.12;
/** Of all pixels: a word less is more. From one run to the next it is a tenth of this. */
const SHARE_TOLERANCE = 0.0006;

/**
 * Keeps a picture as the reference.
 *
 * @param {string} name
 * @param {Buffer} png
 */
export async function keep(name, png) {
  if ((await differenceFrom(name, png)) === undefined) return; // its bytes stay: nothing new to see
  await mkdir(REFERENCES, { recursive: true });
  const options = { palette: true, dither: 0, effort: 10, compressionLevel: 9 };
  await writeFile(`${REFERENCES}${name}.png`, await sharp(png).png(options).toBuffer());
}

/**
 * Compares a picture with its reference.
 *
 * @param {string} name
 * @param {Buffer} png
 * @returns {Promise<string | undefined>} what is wrong, and where to see it; undefined: nothing
 */
export async function differenceFrom(name, png) {
  const path = `${REFERENCES}${name}.png`;
  const update = 'If it is as it should be: npm run screenshots -- --update';
  if (!existsSync(path)) return `There is no reference ${path}. ${update}`;
  const [now, before] = await Promise.all([pixelsOf(png), pixelsOf(path)]);
  const { width, height } = before;
  await mkdir(DIFFERENCES, { recursive: true });
  const seen = `${DIFFERENCES}${name}.png`;
  if (now.width !== width || now.height !== height) {
    await writeFile(seen, png);
    return `${name} is ${now.width}x${now.height}, its reference ${width}x${height}: see ${seen} and ${path}. ${update}`;
  }
  const marked = new Uint8Array(width * height * 4);
  const threshold = COLOUR_TOLERANCE;
  const count = pixelmatch(before.data, now.data, marked, width, height, { threshold });
  if (count <= SHARE_TOLERANCE * width * height) return undefined;
  await sharp(marked, { raw: { width, height, channels: 4 } }).toFile(seen);
  await writeFile(seen.replace(/\.png$/, '.now.png'), png);
  const share = ((100 * count) / (width * height)).toFixed(2);
  return `${name}: ${share} % of the pixels differ from ${path}: marked in ${seen}, taken now in ${name}.now.png beside it. ${update}`;
}

/** @param {Buffer | string} picture */
async function pixelsOf(picture) {
  const { data, info } = await sharp(picture)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
