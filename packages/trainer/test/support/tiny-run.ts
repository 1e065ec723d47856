import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { createRng, type Rng } from '../../src/rng.js';
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

/** One image of a class's pattern: a colour with stripes, and noise, so that no two are equal. */
function patternImage(rng: Rng, label: number): Sharp {
  const [red, green, blue, frequency] = PATTERNS[label]!;
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const row = Math.floor(i / 3 / SIDE);
    const stripe = 40 * Math.sin((2 * Math.PI * frequency * row) / SIDE);
    const value = [red, green, blue][i % 3]! + stripe + 20 * rng.normal();
    return Math.max(0, Math.min(255, value));
  });
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
}

/**
 * Writes a data set in RAF-DB's official layout whose classes are patterns that a tiny network can
 * tell apart.
 */
export async function writePatternSet(root: string, imagesPerClass: number): Promise<void> {
  const images = join(root, 'basic', 'Image', 'aligned');
  const labels = join(root, 'basic', 'EmoLabel');
  await mkdir(images, { recursive: true });
  await mkdir(labels, { recursive: true });
  const rng = createRng(11);
  const lines: string[] = [];
  for (let index = 0; index < imagesPerClass; index++) {
    for (const label of PATTERNS.keys()) {
      const id = `train_${String(lines.length + 1).padStart(5, '0')}`;
      await patternImage(rng, label)
        .jpeg()
        .toFile(join(images, `${id}_aligned.jpg`));
      lines.push(`${id}.jpg ${label + 1}`);
    }
  }
  await writeFile(join(labels, 'list_patition_label.txt'), `${lines.join('\n')}\n`);
}

/** RAF-DB's numbers of the classes that CK+48 has too, less one, by CK+48's folders. */
const CK_PLUS_PATTERNS = { surprise: 0, fear: 1, disgust: 2, happy: 3, sadness: 4, anger: 5 };

/** The same patterns in CK+48's layout: one image of each class for each subject. */
export async function writeCkPlusPatternSet(root: string, subjects: number): Promise<void> {
  const rng = createRng(12);
  for (const [folder, label] of Object.entries(CK_PLUS_PATTERNS)) {
    const images = join(root, 'CK+48', folder);
    await mkdir(images, { recursive: true });
    for (let subject = 0; subject < subjects; subject++) {
      const name = `S${String(subject).padStart(3, '0')}_001_00000001.png`;
      await patternImage(rng, label).png().toFile(join(images, name));
    }
  }
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
