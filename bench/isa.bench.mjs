/**
 * What a graphics card executes: the kernels of the network and of its training, and TensorFlow.js's
 * convolution beside them, compiled for AMD's RDNA 2 by Mesa's driver without a card. Dawn makes SPIR-V of WGSL, RADV on its
 * null device makes instructions of that. A proxy for other vendors; no times. Fails where too few of a
 * convolution's instructions multiply, or a kernel spills registers.
 *
 * Debian's mesa-vulkan-drivers, libvulkan-dev, spirv-tools and gcc are needed; where they are not, it says
 * so.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHANNEL_MEAN, CHANNEL_STD, DEFAULT_NETWORK } from '../packages/sdk/dist/network/index.js';
import { planNetwork } from '../packages/sdk/dist/webgpu/plan.js';
import { FLOAT32, PACKED_FLOAT16 } from '../packages/sdk/dist/webgpu/storage.js';
import { arenaLayout } from '../packages/trainer/dist/arena.js';
import { resolveConfig } from '../packages/trainer/dist/config.js';
import { outputsOf, taskOf } from '../packages/trainer/dist/task.js';
import { planTraining } from '../packages/trainer/dist/webgpu/training-plan.js';
import { Explained, runMain } from '../scripts/lib/log.mjs';
import { run } from '../scripts/lib/run.mjs';
import { answerOf } from './lib/child.mjs';
import { innermostLoop } from './lib/instruction-mix.mjs';
import { rounded, writeResult } from './lib/report.mjs';

/** The card to compile for: Radeon RX 6800. */
const RADV = {
  RADV_FORCE_FAMILY: 'navi21',
  VK_ICD_FILENAMES: '/usr/share/vulkan/icd.d/radeon_icd.x86_64.json',
};

/** Least share of multiply-adds among the vector instructions of a 3x3 convolution's inner loop. */
const LEAST_SHARE = 0.85;
/** The same of a training step's convolutions and their gradients: of a gradient pixels are divided out. */
const LEAST_SHARE_IN_TRAINING = 0.8;

const here = (file) => fileURLToPath(new URL(`lib/${file}`, import.meta.url));

/** @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
async function output(command, args, env = {}) {
  const { code, output } = await run(command, args, { quiet: true, env });
  if (code === 0) return output;
  throw new Explained(
    `${command} failed (exit code ${code}): ${output.slice(-400).trim()}. On Debian: apt-get install ` +
      '--no-install-recommends gcc mesa-vulkan-drivers libvulkan-dev spirv-tools',
  );
}

/** The kernels of the plan that differ. @returns {{ name: string, code: string }[]} */
function ourShaders() {
  const normalisation = { mean: CHANNEL_MEAN, std: CHANNEL_STD };
  return Object.entries({ float32: FLOAT32, float16: PACKED_FLOAT16 }).flatMap(
    ([name, storage]) => {
      const { steps } = planNetwork(DEFAULT_NETWORK, normalisation, storage);
      const kernels = new Map(steps.map(({ kernel }) => [kernel.code, kernel.label]));
      return [...kernels].map(([code, label]) => ({ name: `${label}, ${name}`, code }));
    },
  );
}

/** The convolutions of a training step and their gradients. @returns {{ name: string, code: string }[]} */
function trainingShaders() {
  const config = resolveConfig({});
  const outputs = outputsOf(config);
  const { dispatches } = planTraining({
    ...{ config, layout: arenaLayout(config.network, outputs), task: taskOf(config), outputs },
    ...{ images: 32, imageSize: DEFAULT_NETWORK.inputSize },
    ...{ pictureBytes: 4, reportRows: 1, hasTeacher: false },
  });
  const kernels = new Map(dispatches.map(({ kernel }) => [kernel.code, kernel.label]));
  return [...kernels]
    .filter(([, label]) => /^(convolution|input gradient|filter gradient)/.test(label))
    .map(([code, label]) => ({ name: `training: ${label}`, code }));
}

/** TensorFlow.js's 3x3 convolutions. @returns {Promise<{ name: string, code: string }[]>} */
async function stockShaders() {
  const shaders = await answerOf('stock-shaders.mjs');
  return shaders
    .filter(({ label }) => label.startsWith('Conv2DMM'))
    .map(({ code }, index) => ({ name: `TensorFlow.js convolution ${index + 1}`, code }));
}

/** @param {string} folder @param {readonly { code: string }[]} shaders @returns {Promise<string[]>} SPIR-V as text */
async function toSpirv(folder, shaders) {
  const list = join(folder, 'shaders.json');
  writeFileSync(list, JSON.stringify(shaders.map(({ code }) => code)));
  const dumped = await output(process.execPath, [here('dump-spirv.mjs'), list]);
  return dumped
    .split(/^shader \d+$/m)
    .slice(1)
    .map((text) => {
      const spirv = text.split('/* Dumped SPIRV disassembly */')[1];
      return spirv.slice(0, spirv.lastIndexOf('OpFunctionEnd') + 'OpFunctionEnd'.length);
    });
}

/** @param {string} text of the driver for one shader */
function readStatistics(text) {
  const of = (name) => Number(text.match(new RegExp(`^statistic ${name}=(\\d+)$`, 'm'))[1]);
  const loop = innermostLoop(text);
  return {
    fmaShare: loop ? rounded(loop.fma / (loop.fma + loop.otherVector)) : null,
    fmaPerAccess: loop ? rounded(loop.fma / Math.max(1, loop.lds + loop.memory)) : null,
    registers: of('VGPRs'),
    spilled: of('Spilled VGPRs') + of('Spilled SGPRs'),
    workgroupBytes: of('LDS size'),
    wavesPerUnit: of('Subgroups per SIMD'),
    instructions: of('Instructions'),
  };
}

await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-isa-'));
  try {
    const compiler = join(folder, 'radv-assembly');
    await output('gcc', ['-O1', '-o', compiler, here('radv-assembly.c'), '-lvulkan']);
    const shaders = [...ourShaders(), ...trainingShaders(), ...(await stockShaders())];
    const files = [];
    for (const [index, spirv] of (await toSpirv(folder, shaders)).entries()) {
      const file = join(folder, `${index}.spv`);
      writeFileSync(`${file}asm`, spirv);
      await output('spirv-as', ['--target-env', 'spv1.4', '-o', file, `${file}asm`]);
      files.push(file);
    }
    const [header, ...texts] = (await output(compiler, files, RADV)).split(/^shader .*$/m);
    const kernels = shaders.map(({ name }, index) => ({ name, ...readStatistics(texts[index]) }));
    console.table(Object.fromEntries(kernels.map(({ name, ...numbers }) => [name, numbers])));

    const sharesOf = (prefix) =>
      kernels.filter(({ name }) => name.startsWith(prefix)).map(({ fmaShare }) => fmaShare);
    const ours = sharesOf('convolution');
    const training = sharesOf('training');
    const spilled = kernels.filter(
      ({ name, spilled }) => spilled > 0 && !name.startsWith('Tensor'),
    );
    const summary = [
      `Multiply-adds among the vector instructions of the 3x3 convolutions' inner loops: ` +
        `${Math.min(...ours)} to ${Math.max(...ours)}, TensorFlow.js ` +
        `${Math.max(...sharesOf('TensorFlow.js'))}.`,
      `The same of a training step's convolutions and their gradients: ${Math.min(...training)} to ` +
        `${Math.max(...training)}.`,
      spilled.length > 0
        ? `Registers are spilled by: ${spilled.map(({ name }) => name).join(', ')}.`
        : 'No kernel spills registers.',
    ];
    console.log(summary.join('\n'));
    if (
      Math.min(...ours) < LEAST_SHARE ||
      Math.min(...training) < LEAST_SHARE_IN_TRAINING ||
      spilled.length > 0
    ) {
      throw new Explained(
        `Expected a share of ${LEAST_SHARE} or more, in training of ${LEAST_SHARE_IN_TRAINING}, and no ` +
          'register spilled.',
      );
    }
    writeResult('isa', { driver: header.trim(), kernels, summary });
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
