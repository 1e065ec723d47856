import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { playwrightLauncher } from '@web/test-runner-playwright';
import { copyAssets } from './scripts/copy-assets.mjs';
import { CHROMIUM_ARGS, SWIFTSHADER_ARGS, ensureChromium } from './scripts/lib/chromium.mjs';
import { CROSS_ORIGIN_ISOLATION } from './scripts/lib/headers.mjs';
import { writeMediapipeModule } from './scripts/lib/mediapipe-module.mjs';
import { loadTfjs, resolveTfjs } from './scripts/lib/tfjs-modules.mjs';
import { hostFiles } from './scripts/lib/wtr-host-files.mjs';
import { jsonReporter } from './scripts/lib/wtr-json-reporter.mjs';

await copyAssets(); // the SDK's default asset URLs point at packages/sdk/assets/
await writeMediapipeModule();

export default {
  files: 'packages/*/test/browser/**/*.test.ts',
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  nodeResolve: { exportConditions: ['browser'], browser: true },
  browsers: [
    playwrightLauncher({
      product: 'chromium',
      launchOptions: {
        executablePath: await ensureChromium(),
        args: [
          ...CHROMIUM_ARGS,
          ...SWIFTSHADER_ARGS,
          '--use-fake-ui-for-media-stream',
          '--use-fake-device-for-media-stream',
        ],
      },
    }),
  ],
  concurrency: 1,
  testFramework: { config: { timeout: 60_000 } },
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 600_000,
  middleware: [
    /** Cross-origin isolation, so that the wasm back end's threads are tested too. */
    async function isolate(context, next) {
      await next();
      context.set(CROSS_ORIGIN_ISOLATION);
    },
    /** A worker's address is no import: nobody finds its source for us. */
    function findWorker(context, next) {
      context.path = context.path.replace(/^(\/packages\/sdk\/src\/.*-worker)\.js$/, '$1.ts');
      return next();
    },
    hostFiles(),
  ],
  plugins: [
    {
      /** In place of what a package has for Node only ("browser": false): mediabunny's files. */
      name: 'nothing-of-node',
      serve: ({ path }) =>
        path.endsWith('/node-resolve:empty.js')
          ? { body: 'export default {};', type: 'js' }
          : undefined,
    },
    {
      name: 'tfjs-flat-modules',
      resolveImport({ source }) {
        const path = resolveTfjs(source);
        return path && `/${path}`;
      },
      serve({ path }) {
        const body = loadTfjs(path);
        return body && { body, type: 'js' };
      },
    },
    esbuildPlugin({
      ts: true,
      target: 'es2022',
      tsconfig: fileURLToPath(new URL('./tsconfig.base.json', import.meta.url)),
    }),
  ],
  reporters: [
    defaultReporter({ reportTestResults: true, reportTestProgress: false }),
    jsonReporter(),
  ],
};
