import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRng } from '../../src/rng.js';
import { Reporter } from '../../dist/reporter.js';
import type { EpochRecord } from '../../dist/train.js';

/** Side of the generated images in pixels. */
const SIDE = 40;

/** A colour for each of RAF-DB's seven numbers, and how fast its stripes turn. */
const PATTERNS = [
  [200, 40, 40, 0],
  [40, 200, 40, 2],
  [40, 40, 200, 4],
  [200, 200, 40, 6],
  [200, 40, 200, 8],
  [40, 200, 200, 10],
  [120, 120, 120, 12],
] as const;

/**
 * Writes a data set in RAF-DB's official layout whose classes are patterns that a tiny network can
 * tell apart: colours with stripes, and noise so that no two images are equal.
 */
export async function writePatternSet(root: string, imagesPerClass: number): Promise<void> {
  const images = join(root, 'basic', 'Image', 'aligned');
  const labels = join(root, 'basic', 'EmoLabel');
  await mkdir(images, { recursive: true });
  await mkdir(labels, { recursive: true });
  const rng = createRng(11);
  const lines: string[] = [];
  for (let index = 0; index < imagesPerClass; index++) {
    for (const [label, pattern] of PATTERNS.entries()) {
      const id = `train_${String(lines.length + 1).padStart(5, '0')}`;
      const [red, green, blue, frequency] = pattern;
      const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
        const row = Math.floor(i / 3 / SIDE);
        const stripe = 40 * Math.sin((2 * Math.PI * frequency * row) / SIDE);
        const value = [red, green, blue][i % 3]! + stripe + 20 * rng.normal();
        return Math.max(0, Math.min(255, value));
      });
      await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
        .jpeg()
        .toFile(join(images, `${id}_aligned.jpg`));
      lines.push(`${id}.jpg ${label + 1}`);
    }
  }
  await writeFile(join(labels, 'list_patition_label.txt'), `${lines.join('\n')}\n`);
}

/** A reporter that writes nothing and, where asked, interrupts after a number of training steps. */
export class QuietReporter extends Reporter {
  readonly epochs: EpochRecord[] = [];
  #stepsLeft: number;
  readonly #controller = new AbortController();

  constructor(interruptAfterSteps = Infinity) {
    super();
    this.#stepsLeft = interruptAfterSteps;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  override line(): void {
    // nobody reads it
  }

  override epoch(record: EpochRecord): void {
    this.epochs.push(record);
  }

  override progress(task: string): void {
    if (!task.startsWith('stage')) return;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft === 0) this.#controller.abort();
  }
}
