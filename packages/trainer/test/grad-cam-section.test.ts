import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from 'emotion-cam/network';
import { arenaLayout } from '../src/arena.js';
import { foldBatchNorm } from '../src/fold.js';
import type { EvaluatedModel } from '../src/model-source.js';
import { gradCamSection } from '../src/report/grad-cam-section.js';
import { temporaryFolder, writeNoise, writeText } from './support/image-folders.js';
import { trainerError } from './support/trainer-error.js';
import { NARROW_NETWORK, randomArena } from './support/training.js';

const layout = arenaLayout(NARROW_NETWORK);
const MODEL: EvaluatedModel = {
  name: 'narrow',
  network: NARROW_NETWORK,
  labels: EMOTIONS,
  weights: foldBatchNorm(randomArena(layout, 4), layout, NARROW_NETWORK),
  imageSize: 64,
  temperature: 1,
};

/** The pictures of a sheet: what is drawn and what is said of it. */
async function tilesOf(
  folder?: string,
): Promise<{ source: string; alternative: string; caption: string }[]> {
  const { body } = await gradCamSection({ model: MODEL, ...(folder && { folder }) });
  const tile = /<img\s+src="([^"]*)"[^>]*alt="([^"]*)"[^>]*>\s*<figcaption>([^<]*)</g;
  return [...body.text.matchAll(tile)].map(([, source, alternative, caption]) => ({
    source: source!,
    alternative: alternative!,
    caption: caption!,
  }));
}

/** Grey values of a picture in a page. */
async function greys(source: string): Promise<Uint8Array> {
  const bytes = Buffer.from(source.replace('data:image/webp;base64,', ''), 'base64');
  return sharp(bytes).resize(16, 16).greyscale().raw().toBuffer();
}

describe('the Grad-CAM sheet', () => {
  it('explains every class on the portrait, the likeliest first', async () => {
    const [picture, ...explained] = await tilesOf();
    expect(picture!.caption).toContain('public domain');
    const shares = explained.map(({ caption }) => Number(/([\d.]+) %/.exec(caption)![1]));
    expect(shares).toHaveLength(7);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(100, 0);
    expect(explained.map(({ caption }) => caption.split(' ')[0]).sort()).toEqual(
      [...EMOTIONS].sort(),
    );
  });

  it('lays heat over the picture where there is some, and says where', async () => {
    const [picture, ...explained] = await tilesOf();
    const plain = await greys(picture!.source);
    let hot = 0;
    for (const { source, alternative, caption } of explained) {
      const isCold = caption.endsWith('nothing speaks for it');
      const tile = await greys(source);
      const change = Math.max(...tile.map((value, i) => Math.abs(value - plain[i]!)));
      if (isCold) expect(change).toBe(0);
      else {
        hot += 1;
        expect(change).toBeGreaterThan(20);
        expect(alternative).toMatch(/mostly (above|in the middle|below), (left|centre|right)/);
      }
    }
    expect(hot).toBeGreaterThan(0);
  });

  it('explains one’s own pictures by the predicted class, in the order of their names', async () => {
    const folder = await temporaryFolder();
    await writeNoise(join(folder, 'b.png'), 1, { side: 40 });
    await writeNoise(join(folder, 'a.jpg'), 2, { side: 40 });
    await writeText(join(folder, 'notes.txt'), 'no picture');
    const tiles = await tilesOf(folder);
    expect(tiles.map(({ caption }) => caption.split(':')[0])).toEqual(['a.jpg', 'b.png']);
  });

  it('refuses a folder without pictures', async () => {
    const folder = await temporaryFolder();
    const error = await trainerError(gradCamSection({ model: MODEL, folder }));
    expect(error.code).toBe('argument-invalid');
    expect(error.message).toContain('holds no PNG, JPEG or WebP');
  });
});
