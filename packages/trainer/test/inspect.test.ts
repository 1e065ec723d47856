import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectSet } from '../src/inspect.js';
import { Reporter } from '../src/reporter.js';
import { temporaryFolder, writeNoise, writeText } from './support/image-folders.js';
import { trainerError } from './support/trainer-error.js';

/** A reporter that only remembers what is in progress. */
class SilentReporter extends Reporter {
  readonly tasks = new Set<string>();

  override progress(task: string): void {
    this.tasks.add(task);
  }
}

async function smallFolder(): Promise<string> {
  const root = await temporaryFolder();
  for (let i = 0; i < 4; i++) await writeNoise(join(root, 'train', 'happy', `${i}.png`), i);
  await writeNoise(join(root, 'train', 'sad', 'copy.png'), 0);
  await writeNoise(join(root, 'train', 'sad', 'large.png'), 9, { side: 20 });
  await writeFile(join(root, 'train', 'sad', 'broken.png'), 'no image');
  await writeNoise(join(root, 'val', 'sad', 'leak.png'), 1);
  return root;
}

describe('inspectSet', () => {
  it('decodes every image and compares the splits', async () => {
    const reporter = new SilentReporter();
    const report = await inspectSet('folder', await smallFolder(), reporter);
    expect(report.splits.map(({ split, images }) => [split, images])).toEqual([
      ['train', 7],
      ['val', 1],
    ]);
    expect(report.splits[0]).toMatchObject({
      classCounts: { happiness: 4, sadness: 3 },
      duplicates: 1,
      conflicts: [['train/happy/0.png', 'train/sad/copy.png']],
      sizes: [
        { width: 8, height: 8, count: 5 },
        { width: 20, height: 20, count: 1 },
      ],
    });
    expect(report.splits[0]!.unreadable.map(({ path }) => path.split('/').pop())).toEqual([
      'broken.png',
    ]);
    expect(report.shared).toEqual([
      {
        splits: ['train', 'val'],
        contents: 1,
        conflicts: [['train/happy/1.png', 'val/sad/leak.png']],
      },
    ]);
    expect([...reporter.tasks]).toEqual(['checking folder train', 'checking folder val']);
  });

  it('names a test split that is held back as missing', async () => {
    const root = await temporaryFolder();
    const file = join(root, 'basic', 'EmoLabel', 'list_patition_label.txt');
    const images = join(root, 'basic', 'Image', 'aligned');
    const ids = Array.from({ length: 20 }, (_, i) => `train_${i}`);
    for (const [i, id] of ids.entries()) await writeNoise(join(images, `${id}_aligned.jpg`), i);
    await writeText(file, ids.map((id) => `${id}.jpg 4\n`).join(''));
    const report = await inspectSet('raf-db', root, new SilentReporter());
    expect(report.splits.map(({ split, images: count }) => [split, count])).toEqual([
      ['train', 16],
      ['val', 2],
      ['val2', 2],
    ]);
    expect(report.missing.test).toContain('holds no image');
  });

  it('passes other errors on', async () => {
    const root = join(await temporaryFolder(), 'nowhere');
    const error = await trainerError(inspectSet('folder', root, new SilentReporter()));
    expect(error.code).toBe('dataset-missing');
  });
});
