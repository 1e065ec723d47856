import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadNativeBatchNorm } from '../../src/gradients/native-batch-norm.js';
import { loadNativeConvolution } from '../../src/gradients/native-convolution.js';

const isBuilt = (): boolean =>
  loadNativeConvolution() !== undefined && loadNativeBatchNorm() !== undefined;

/** Whether the native back end can be used; builds it where that is possible and not done yet. */
export function ensureNative(): boolean {
  if (isBuilt()) return true;
  const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
  return spawnSync(process.execPath, [script]).status === 0 && isBuilt();
}
