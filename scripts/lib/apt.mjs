import { existsSync } from 'node:fs';
import { step } from './log.mjs';
import { run } from './run.mjs';

/**
 * Installs packages where this is a Debian, or one of its kin, and the user is root.
 *
 * @param {readonly string[]} packages
 * @param {string} what they are, for the person who waits
 * @returns {Promise<boolean>} false: not possible here, or it failed, which apt-get has said
 */
export async function aptInstall(packages, what) {
  const isRoot = process.getuid?.() === 0;
  if (process.platform !== 'linux' || !isRoot || !existsSync('/usr/bin/apt-get')) return false;
  step(`Installing ${what} with apt-get`);
  // RUNLEVEL: a package that brings a server would start it.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  await run('apt-get', ['update', '-qq'], { env });
  return (await run('apt-get', install, { env })).code === 0;
}
