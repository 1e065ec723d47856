import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach } from 'vitest';
import { createRng } from '../../src/rng.js';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** An empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'emotion-cam-trainer-'));
  folders.push(folder);
  return folder;
}

/** Writes a text file and the folders it needs. */
export async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Generated pixels: noise that only depends on the seed. */
function noise(seed: number, length: number): Uint8Array {
  const rng = createRng(seed);
  return Uint8Array.from({ length }, () => rng.integer(256));
}

export interface NoiseImage {
  readonly side?: number;
  readonly channels?: 1 | 3 | 4;
}

/** Writes an image of noise in the format of the path's extension; equal seeds, equal contents. */
export async function writeNoise(
  path: string,
  seed: number,
  { side = 8, channels = 3 }: NoiseImage = {},
): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true });
  const pixels = noise(seed, side * side * channels);
  const image = sharp(pixels, { raw: { width: side, height: side, channels } });
  await (channels === 1 ? image.toColourspace('b-w') : image).toFile(path);
  return pixels;
}
