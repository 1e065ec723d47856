import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadNative } from '../../src/native.js';

const isBuilt = (): boolean => loadNative() !== undefined;

/** Whether the native back end can be used; builds it where that is possible and not done yet. */
export function ensureNative(): boolean {
  if (isBuilt()) return true;
  const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
  return spawnSync(process.execPath, [script]).status === 0 && isBuilt();
}
