/**
 * Fills packages/sdk/assets/ (git-ignored, published with the package) with everything the SDK loads
 * at run time: models, the face detector, MediaPipe's and TensorFlow.js's wasm files. Also a command:
 * `node scripts/copy-assets.mjs`.
 */
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/run.mjs';

export const ASSETS = join(ROOT, 'packages/sdk/assets');

const MEDIAPIPE = 'node_modules/@mediapipe/tasks-vision/wasm';
const TFJS_WASM = 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out';

/** [source folder, which of its files, folder below assets/] */
const SOURCES = /** @type {const} */ ([
  ['models/face-detector', /\.tflite$/, 'face-detector'],
  // Every browser that the SDK runs in has modules in workers and SIMD.
  [MEDIAPIPE, /^vision_wasm_module_internal\.wasm$/, 'mediapipe'],
  [TFJS_WASM, /-simd\.wasm$/, 'tfjs-wasm'],
]);

/**
 * Copies what is new or changed, removes what is gone.
 *
 * @param {string} [target] the assets folder; default packages/sdk/assets
 * @returns {Promise<{ files: number, copied: number }>}
 */
export async function copyAssets(target = ASSETS) {
  /** @type {Map<string, string>} */
  const wanted = new Map(); // path below target → source path
  for (const [folder, pattern, below] of SOURCES) {
    for (const name of await filesIn(join(ROOT, folder))) {
      if (pattern.test(name)) wanted.set(join(below, name), join(ROOT, folder, name));
    }
  }
  for (const model of await foldersIn(join(ROOT, 'models'))) {
    if (model === 'face-detector') continue;
    for (const name of await filesIn(join(ROOT, 'models', model))) {
      if (/\.(json|bin)$/.test(name)) {
        wanted.set(join('models', model, name), join(ROOT, 'models', model, name));
      }
    }
  }
  let copied = 0;
  for (const [path, source] of wanted) {
    if (await copyIfChanged(source, join(target, path))) copied += 1;
  }
  for (const path of await filesBelow(target)) {
    if (!wanted.has(path)) await rm(join(target, path));
  }
  return { files: wanted.size, copied };
}

/**
 * Puts our licence, the notice of others' work and the licences of that work beside a bundle.
 *
 * @param {string} target the bundle's folder
 */
export async function copyLicences(target) {
  const others = await filesIn(join(ROOT, 'LICENSES'));
  for (const path of ['LICENSE', 'NOTICE', ...others.map((name) => join('LICENSES', name))]) {
    await copyIfChanged(join(ROOT, path), join(target, path));
  }
}

/**
 * @param {string} source a file
 * @param {string} target where its copy goes; folders are made
 * @returns {Promise<boolean>} false: there was nothing to do
 */
export async function copyIfChanged(source, target) {
  const from = await stat(source);
  const to = await stat(target).catch(() => undefined);
  if (to && to.size === from.size && to.mtimeMs >= from.mtimeMs) return false;
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  return true;
}

/** @param {string} folder @returns {Promise<string[]>} names; none where there is no such folder */
async function filesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** @param {string} folder @returns {Promise<string[]>} */
async function foldersIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** @param {string} folder @returns {Promise<string[]>} paths below it */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { files, copied } = await copyAssets();
  process.stdout.write(`packages/sdk/assets: ${files} files, ${copied} of them copied now\n`);
}
