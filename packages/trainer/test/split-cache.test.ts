import { EMOTIONS } from 'emotion-cam/network';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetName } from '../src/datasets/dataset.js';
import type { DatasetReport } from '../src/datasets/report.js';
import type { DataSource } from '../src/load-split.js';
import { Reporter } from '../src/reporter.js';
import { SplitCache } from '../src/split-cache.js';
import type { WorkerPool } from '../src/worker-pool.js';
import type { SharedImages } from '../src/worker-protocol.js';
import { temporaryFolder, writeNoise } from './support/image-folders.js';

/** What the workers hold, without workers. */
class Slots {
  readonly images = new Map<string, SharedImages>();

  setImages(slot: string, images: SharedImages): Promise<void> {
    this.images.set(slot, images);
    return Promise.resolve();
  }

  dropImages(slot: string): Promise<void> {
    this.images.delete(slot);
    return Promise.resolve();
  }
}

class RecordingReporter extends Reporter {
  readonly reports: DatasetReport[] = [];

  override dataset(report: DatasetReport): void {
    this.reports.push(report);
  }

  override progress(): void {
    // nobody reads it
  }
}

async function happyFolder(): Promise<string> {
  const root = await temporaryFolder();
  for (let i = 0; i < 10; i++) await writeNoise(join(root, 'happy', `${i}.png`), i);
  return root;
}

function setUp(root: string, name: DatasetName = 'folder') {
  const slots = new Slots();
  const reporter = new RecordingReporter();
  const source: DataSource = { name, root, useVotes: false, fold: null, reporter };
  return { slots, reporter, source, cache: new SplitCache(slots as unknown as WorkerPool) };
}

describe('SplitCache', () => {
  it('hands the images of a split to the workers, with what is known of them', async () => {
    const { cache, slots, source } = setUp(await happyFolder());
    const { train, val } = await cache.load(source, ['train', 'val']);
    expect(train).toMatchObject({ slot: 'folder/train', labelNames: EMOTIONS, unreadable: 0 });
    expect(train.ids).toHaveLength(9);
    expect(train.labels).toEqual(new Array(9).fill(EMOTIONS.indexOf('happiness')));
    expect(train.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(train.fingerprint).not.toBe(val.fingerprint);
    const images = slots.images.get('folder/val')!;
    expect(images).toMatchObject({ width: 8, height: 8 });
    expect([...images.targets]).toEqual([0, 1, 0, 0, 0, 0, 0]);
  });

  it('reads a split once, even if its files go away in between', async () => {
    const root = await happyFolder();
    const { cache, reporter, source } = setUp(root);
    const { val } = await cache.load(source, ['val']);
    await rm(root, { recursive: true });
    expect((await cache.load(source, ['val'])).val).toBe(val);
    expect(reporter.reports.map(({ splits }) => splits.length)).toEqual([1]);
  });

  it('frees the sets that are not asked for any more', async () => {
    const { cache, slots, source } = setUp(await happyFolder());
    await cache.load(source, ['train', 'val']);
    await cache.keepOnly(['raf-db', 'folder']);
    expect([...slots.images.keys()]).toEqual(['folder/train', 'folder/val']);
    await cache.keepOnly(['raf-db']);
    expect([...slots.images.keys()]).toEqual([]);
    await cache.load(source, ['val']); // and reads them again
    expect([...slots.images.keys()]).toEqual(['folder/val']);
  });

  it('reports on the splits of a set together', async () => {
    const { cache, reporter, source } = setUp(await happyFolder());
    await cache.load(source, ['train', 'val']);
    const [report] = reporter.reports;
    expect(report!.splits.map(({ split, images }) => [split, images])).toEqual([
      ['train', 9],
      ['val', 1],
    ]);
    expect(report!.warnings[0]).toContain('train has no image of neutral');
  });
});
