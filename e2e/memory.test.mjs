import { beforeAll, describe, expect, it } from 'vitest';
import { openClipPage } from '../scripts/lib/clip-page.mjs';
import {
  exposePageHeap,
  LARGEST_RISE_MB,
  LARGEST_RISE_OF_PAGE_KB,
  measureMemoryLevels,
} from '../scripts/lib/memory-levels.mjs';
import { FIRST_PORT } from '../scripts/lib/build.mjs';

const FRAMES = 200;
const CYCLES = 3;

/** `npm run soak` does the same with 2,000 frames and 20 cycles. */
describe('the memory of a page with a recognizer in a worker, after a collection', () => {
  /** @type {Awaited<ReturnType<typeof measureMemoryLevels>>} */
  let levels;
  beforeAll(async () => {
    const { page, close } = await openClipPage(FIRST_PORT + 400, { measuresMemory: true });
    try {
      await exposePageHeap(page);
      levels = await measureMemoryLevels(page, { frames: FRAMES, cycles: CYCLES });
    } finally {
      await close();
    }
  });

  it(`is as before after ${FRAMES} frames in which a face comes and goes`, () => {
    expect(levels.faces).toBeGreaterThan(FRAMES / 4);
    expect(levels.faces).toBeLessThan(FRAMES);
    const { before, after } = levels.frames;
    expect(after.tensors).toBe(before.tensors);
    expect(after.tensors).toBeGreaterThan(0);
    expect(after.megabytes - before.megabytes).toBeLessThan(LARGEST_RISE_MB);
    expect(after.pageKilobytes - before.pageKilobytes).toBeLessThan(LARGEST_RISE_OF_PAGE_KB);
  });

  it(`is as before after ${CYCLES} recognizers were made and disposed of, whose own is gone`, () => {
    const { before, after } = levels.recognizers;
    expect(after.megabytes - before.megabytes).toBeLessThan(LARGEST_RISE_MB);
    expect(after.megabytes).toBeLessThan(levels.frames.after.megabytes / 2);
  });

  it(`is as before after ${CYCLES} starts and stops of an element`, () => {
    const { before, after } = levels.starts;
    expect(after.megabytes - before.megabytes).toBeLessThan(LARGEST_RISE_MB);
  });
});
