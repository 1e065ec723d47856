import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Unit tests in Node. Browser tests: web-test-runner.config.mjs; end to end: e2e/vitest.config.mjs. */
export default defineConfig({
  resolve: {
    // Tests see the sources, so that they need no build.
    alias: [
      { find: /^emotion-cam\/network$/, replacement: path('packages/sdk/src/network/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/**/*.test.mjs'],
    exclude: ['**/node_modules/**', 'packages/*/test/browser/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
