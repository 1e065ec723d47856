import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ROOT, run } from '../../scripts/lib/run.mjs';

/** Where the peers are installed, with a slash at its end. */
export const PEERS = `${ROOT}bench/peers/node_modules/`;

/**
 * Installs the packages of bench/peers where they are missing.
 *
 * @param {readonly string[]} files below {@link PEERS} that are needed
 * @returns {Promise<boolean>} false: npm cannot install them
 */
export async function installPeers(files) {
  if (files.every((file) => existsSync(PEERS + file))) return true;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { code } = await run(npm, args, { cwd: `${ROOT}bench/peers` });
  return code === 0;
}

/**
 * A package of bench/peers, installed there when it is first asked for.
 *
 * @param {string} file the module, from the package's name on
 * @returns {Promise<any>} the module; undefined where npm cannot install it
 */
export async function importPeer(file) {
  return (await installPeers([file])) ? import(pathToFileURL(PEERS + file).href) : undefined;
}
