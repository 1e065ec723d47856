import { readFileSync } from 'node:fs';
import { Explained, step } from './log.mjs';
import { ROOT, run } from './run.mjs';

const LEAST_NODE = [20, 19];

/** @throws {Explained} this Node is too old */
export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Explained(
    `This is Node ${process.versions.node}; ${leastMajor}.${leastMinor} or newer is needed. ` +
      'Install a current release from https://nodejs.org and run the command again.',
  );
}

/**
 * Installs the npm packages where node_modules is missing or does not hold what package-lock.json
 * says; otherwise does nothing.
 *
 * @throws {Explained} npm could not install them
 */
export async function ensureInstalled() {
  ensureNode();
  if (isInstalled()) return;
  step('Installing npm packages');
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it refuses a lock file without every platform's optional binaries, and npm leaves out
  // those that a registry lacks (https://github.com/npm/cli/issues/4828). Versions are the lock's still.
  const args = ['install', '--no-save', '--no-audit', '--no-fund'];
  const { code } = npm
    ? await run(process.execPath, [npm, ...args])
    : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
  if (code !== 0) {
    throw new Explained(
      `npm install ended with exit code ${code}; its message is above. It needs the npm registry: check the network and run the command again.`,
    );
  }
}

/** npm writes what it installed to node_modules/.package-lock.json as its last act. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.includes('node_modules/') ||
      entry.link ||
      entry.optional || // may be another platform's
      entry.devOptional ||
      entry.peer ||
      present[path]?.version === entry.version,
  );
}

/**
 * @param {string} path a lock file below the root
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean,
 *   devOptional?: boolean, peer?: boolean }> | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(`${ROOT}${path}`, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
