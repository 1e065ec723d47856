import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Removes from a package's `dist` what was compiled from sources that are gone, and chunks of earlier
 * bundles: the package publishes the whole folder.
 *
 * @param {string} dist
 * @param {readonly string[]} sources the folders that it is compiled from
 * @param {ReadonlySet<string>} keep other scripts that belong there, by their path below dist
 * @returns {Promise<string[]>} what was removed
 */
export async function sweepDist(dist, sources, keep) {
  const removed = [];
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = relative(dist, join(entry.parentPath, entry.name));
    const [, stem] = /^(.+?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(path) ?? [];
    if (!entry.isFile() || !stem || path.startsWith('.') || keep.has(path)) continue;
    if (sources.some((folder) => existsSync(join(folder, `${stem}.ts`)))) continue;
    await rm(join(dist, path));
    removed.push(path);
  }
  return removed;
}
