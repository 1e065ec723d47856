import { defineConfig } from 'vitest/config';

/** The built demo in headless Chromium: `npm test -- e2e`. One browser at a time. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.mjs'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 600_000, // a run of the page; SwiftShader needs seconds for a frame
  },
});
