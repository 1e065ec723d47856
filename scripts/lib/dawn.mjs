/**
 * WebGPU in Node: Dawn, from the npm package `webgpu`. Without a graphics card it computes with
 * SwiftShader, the software adapter that comes with Chromium, as does the Vulkan loader.
 */
import { existsSync, realpathSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, globals } from 'webgpu';
import { ensureChromium } from './chromium.mjs';
import { Explained } from './log.mjs';

/** dlopen's flag that keeps a library loaded; Node closes one that is not an add-on. */
const RTLD_NODELETE = 0x1000;
/** Chromium's files, where the executable on the path is a script that lies elsewhere. */
const OTHER_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/**
 * @param {{ software?: boolean, flags?: string[] }} [options] `software`: SwiftShader even where there
 *   is a graphics card (Linux only); `flags`: Dawn's, such as `enable-dawn-features=dump_shaders`
 * @returns {Promise<GPU>} what a page finds as `navigator.gpu`; WebGPU's constants become global
 * @throws {Explained} there is no SwiftShader
 */
export async function openDawn({ software = false, flags = [] } = {}) {
  if (software && process.platform === 'linux') await useSwiftShader();
  process.env.XDG_RUNTIME_DIR ??= tmpdir(); // drivers complain on standard error without it
  Object.assign(globalThis, globals);
  const gpu = create(flags);
  kept.push(gpu);
  return gpu;
}

/** Dawn crashes when its instance is collected while a device of it is in use. @type {GPU[]} */
const kept = [];

async function useSwiftShader() {
  const folders = [dirname(realpathSync(await ensureChromium())), ...OTHER_FOLDERS];
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (!folder) {
    throw new Explained(
      `No vk_swiftshader_icd.json beside Chromium (looked in ${folders.join(', ')}). Set CHROME_PATH ` +
        'to a Chrome or Chromium that has it, or install Playwright’s.',
    );
  }
  process.env.VK_ICD_FILENAMES = join(folder, 'vk_swiftshader_icd.json');
  keepLoaded(join(folder, 'libvulkan.so.1'));
}

/**
 * Dawn opens libvulkan.so.1 by name, which finds one that is loaded already. LD_LIBRARY_PATH would do
 * the same, but only if it were set before Node starts.
 *
 * @param {string} path
 */
function keepLoaded(path) {
  if (!existsSync(path)) return; // the system's is taken
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register": true of all but add-ons, and said after loading.
  }
}
