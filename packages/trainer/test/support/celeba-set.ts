import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { CELEBA_ATTRIBUTES } from '../../src/datasets/label-sets.js';
import { createRng } from '../../src/rng.js';

const WIDTH = 178;
const HEIGHT = 218;

/** Attributes that can be seen in the generated images; all others hold or not by chance. */
export const VISIBLE_ATTRIBUTES = ['Pale_Skin', 'Wearing_Lipstick', 'Eyeglasses'] as const;

/** How many images each official part has. */
export interface PartSizes {
  readonly train: number;
  readonly val: number;
  readonly test: number;
}

/**
 * Writes a set in CelebA's official layout. Pale images are bright, lipstick is a red lower half,
 * glasses are a dark bar at the height of the eyes; there is noise, so that no two are equal.
 */
export async function writeCelebASet(root: string, sizes: PartSizes): Promise<void> {
  const folder = join(root, 'img_align_celeba');
  await mkdir(folder, { recursive: true });
  const parts = [sizes.train, sizes.val, sizes.test].flatMap((count, part) =>
    new Array<number>(count).fill(part),
  );
  const rng = createRng(12);
  const attributeLines: string[] = [];
  const partLines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const name = `${String(index + 1).padStart(6, '0')}.jpg`;
    const holds = new Map(CELEBA_ATTRIBUTES.map((label) => [label, rng.uniform() < 0.5]));
    const [pale, lipstick, glasses] = VISIBLE_ATTRIBUTES.map((label) => holds.get(label)!);
    const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
      const row = Math.floor(i / 3 / WIDTH);
      const isRed = i % 3 === 0;
      let value = pale ? 190 : 80;
      if (lipstick && row > 130) value += isRed ? 60 : -60;
      if (glasses && row > 95 && row < 125) value = 10;
      return Math.max(0, Math.min(255, value + 20 * rng.normal()));
    });
    await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg()
      .toFile(join(folder, name));
    const values = [...holds.values()].map((value) => (value ? ' 1' : '-1'));
    attributeLines.push(`${name} ${values.join(' ')}`);
    partLines.push(`${name} ${part}`);
  }
  const head = [String(parts.length), `${CELEBA_ATTRIBUTES.join(' ')} `]; // the official blank
  await writeFile(
    join(root, 'list_attr_celeba.txt'),
    `${[...head, ...attributeLines].join('\r\n')}\r\n`,
  );
  await writeFile(join(root, 'list_eval_partition.txt'), `${partLines.join('\n')}\n`);
}
