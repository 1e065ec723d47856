import { readFileSync } from 'node:fs';
import { ROOT } from './run.mjs';

/** What the network and its explanations compute with, in every configuration: `scripts/test` holds it to that. */
export const KERNELS = [
  ...['Add', 'AvgPool', 'BatchMatMul', 'Cast', 'Conv2D', 'ExpandDims', 'FusedConv2D'],
  ...['Max', 'MaxPool', 'Mean', 'Multiply', 'RealDiv', 'Relu', 'Reshape', 'Sigmoid', 'Sqrt'],
  ...['Square', 'Step', 'Sub', 'Sum', 'Tanh', 'Tile', 'Transpose'],
];

const BACK_END = /^@tensorflow\/tfjs-backend-(cpu|wasm|webgpu)$/;
const OURS = /^\0tfjs-(cpu|wasm|webgpu)$/;
const BUILT_INS = new Set(['fs', 'path', 'os', 'perf_hooks', 'worker_threads']);

/**
 * A plugin of Rollup: TensorFlow.js from its single modules, and of its back ends those kernels alone that
 * the network runs. Slower to bundle than the flat builds of `tfjs-modules.mjs`, and a third smaller.
 *
 * @type {import('rollup').Plugin}
 */
export const tfjsKernels = {
  name: 'tfjs-kernels',
  resolveId(source) {
    const [, name] = BACK_END.exec(source) ?? [];
    if (name) return `\0tfjs-${name}`;
    return BUILT_INS.has(source) ? `${ROOT}scripts/lib/shims/node-built-in.js` : undefined;
  },
  load(id) {
    const [, name] = OURS.exec(id) ?? [];
    return name && withKernels(`${ROOT}node_modules/@tensorflow/tfjs-backend-${name}/dist`);
  },
};

/** A back end's module as its `index.js` is, with fewer kernels. @param {string} folder */
function withKernels(folder) {
  const registered = readFileSync(`${folder}/register_all_kernels.js`, 'utf8');
  const imports = registered.matchAll(/^import \{ (\w+) \} from '\.(\/kernels\/(\w+))';$/gm);
  const lines = [...imports]
    .filter(([, , , kernel]) => KERNELS.includes(kernel))
    .map(
      ([, config, path]) =>
        `import { ${config} } from '${folder}${path}.js';\nregisterKernel(${config});`,
    );
  if (lines.length !== KERNELS.length) {
    throw new Error(
      `${folder} registers ${lines.length} of the ${KERNELS.length} kernels that the network needs: ` +
        'has it got other names for them?',
    );
  }
  const base = `export * from '${folder}/base.js';\nimport { registerKernel } from '@tensorflow/tfjs-core';\n`;
  return base + lines.join('\n');
}
