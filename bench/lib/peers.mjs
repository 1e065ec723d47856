import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ROOT, run } from '../../scripts/lib/run.mjs';

const FOLDER = `${ROOT}bench/peers`;

/**
 * A package of bench/peers, installed there when it is first asked for.
 *
 * @param {string} name
 * @param {string} file the module below the package's folder
 * @returns {Promise<any>} the module; undefined where npm cannot install it
 */
export async function importPeer(name, file) {
  const path = `${FOLDER}/node_modules/${name}/${file}`;
  if (!existsSync(path)) {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    const { code } = await run(npm, args, { cwd: FOLDER });
    if (code !== 0) return undefined;
  }
  return import(pathToFileURL(path).href);
}
