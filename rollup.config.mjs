import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { copyAssets, copyIfChanged, copyLicences } from './scripts/copy-assets.mjs';
import { writeMediapipeModule } from './scripts/lib/mediapipe-module.mjs';
import { sweepDist } from './scripts/lib/sweep-dist.mjs';
import { tfjsKernels } from './scripts/lib/tfjs-kernels.mjs';
import { tfjsModules } from './scripts/lib/tfjs-modules.mjs';

/**
 * Bundles what `tsc -b` compiled:
 * - packages/sdk/dist/emotion-cam.bundle.js and its chunks, for one <script type="module"> without a bundler
 * - packages/demo-widget/dist/site/, the demo page with everything it loads
 *
 * Back ends stay separate chunks, so that a page fetches only the one it uses. Every module that
 * resolves `../assets/` against its own address lies one folder beside `assets/`.
 */
const PACKAGE = 'packages/sdk';
const SDK = `${PACKAGE}/dist`;
const DEMO = 'packages/demo-widget';
const SITE = `${DEMO}/dist/site`;

/** Bundles the script of a worker too, with the chunks that it shares with the page. */
const workers = {
  name: 'workers',
  transform(code, id) {
    const pattern = /new URL\('(\.\/[\w-]+-worker\.js)', import\.meta\.url\)/;
    const [url, script] = pattern.exec(code) ?? [];
    if (!script) return undefined;
    const reference = this.emitFile({
      type: 'chunk',
      id: join(dirname(id), script),
      name: 'worker',
    });
    return { code: code.replace(url, `import.meta.ROLLUP_FILE_URL_${reference}`), map: null };
  },
};

const resolve = nodeResolve({ browser: true });

/** The decorator helpers that TypeScript writes begin with `this &&`, which is meant to be undefined. */
const onwarn = (warning, warn) => {
  if (warning.code !== 'THIS_IS_UNDEFINED') warn(warning);
};

/** Copies the pages, their style sheets and pictures, the clip and the assets beside the bundle. */
const site = {
  name: 'site',
  async buildStart() {
    await rm(join(SITE, 'js'), { recursive: true, force: true }); // chunks of earlier builds
  },
  async writeBundle() {
    const files = (await readdir(DEMO)).filter((name) => /\.(html|css|svg|png|ico)$/.test(name));
    for (const name of files) await copyIfChanged(join(DEMO, name), join(SITE, name));
    await copyIfChanged('e2e/fixtures/clip.webm', join(SITE, 'clip.webm'));
    await copyIfChanged('node_modules/uplot/dist/uPlot.min.css', join(SITE, 'uplot.css'));
    await copyAssets(join(SITE, 'assets'));
    await copyLicences(SITE);
  },
};

/**
 * What the package holds besides: whoever copies the bundle finds the licences beside it; npm shows the
 * README and wants a licence at the top.
 */
const contents = {
  name: 'contents',
  async writeBundle(_options, bundle) {
    await copyLicences(SDK);
    for (const name of ['README.md', 'LICENSE']) await copyIfChanged(name, join(PACKAGE, name));
    await sweepDist(SDK, [`${PACKAGE}/src`, PACKAGE], new Set(Object.keys(bundle)));
  },
};

await copyAssets();
await writeMediapipeModule();

const bundle = {
  input: `${SDK}/define.js`,
  onwarn,
  // Else the bundle becomes a file that loads another one, because the demultiplexers import from it.
  preserveEntrySignatures: 'allow-extension',
  plugins: [
    tfjsKernels,
    workers,
    resolve,
    commonjs({
      include: /node_modules\/(long|seedrandom|@tensorflow\/tfjs-backend-wasm\/wasm-out)\//,
    }),
    // Not compressed: that saves 2 %, and the wasm back end starts its threads from functions as text.
    terser({ compress: false, format: { comments: false } }),
    contents,
  ],
  output: {
    banner: '/*! emotion-cam, MIT licence; contains the work of others: see NOTICE */',
    dir: SDK,
    entryFileNames: ({ name }) => `emotion-cam.bundle${name === 'define' ? '' : '.[name]'}.js`,
    chunkFileNames: ({ name }) => `emotion-cam.bundle.${name.replace(/^_/, '')}.js`,
    manualChunks: (id) => (id.includes('/@tensorflow/tfjs-core/') ? 'tfjs-core' : undefined),
  },
};
/** Not minified a second time: most of it is already, and `npm start` waits for it. */
const demo = {
  input: ['demo', 'analysis', 'embed', 'host'].map((page) => `${DEMO}/dist/${page}.js`),
  onwarn,
  plugins: [tfjsModules, workers, resolve, site],
  output: { dir: `${SITE}/js`, chunkFileNames: '[name]-[hash].js' },
};

/** The script that other sites load: one classic file, which may come from any origin. */
const widget = {
  input: `${DEMO}/dist/widget.js`,
  plugins: [resolve],
  output: { file: `${SITE}/widget.js`, format: 'iife' },
};

/** `rollup -c --configDemo` builds the demo page only. */
export default ({ configDemo }) => (configDemo ? [demo, widget] : [bundle, demo, widget]);
