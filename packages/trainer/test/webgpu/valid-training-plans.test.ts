import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config.js';
import { arenaLayout } from '../../src/arena.js';
import { outputsOf, taskOf } from '../../src/task.js';
import { planBuffers } from '../../src/webgpu/buffer-plan.js';
import { PlanRunner } from '../../src/webgpu/plan-runner.js';
import { keptValues, planTraining, type TrainingPlan } from '../../src/webgpu/training-plan.js';
import { openCheckingDevice } from './support/device.js';
import { batchOf, PLANNED_CONFIG, randomPictures, startTraining } from './support/training.js';

function planOf(
  overrides: Record<string, unknown>,
  {
    images,
    imageSize,
    hasTeacher = false,
  }: { images: number; imageSize: number; hasTeacher?: boolean },
): TrainingPlan {
  const config = resolveConfig(overrides);
  const outputs = outputsOf(config);
  const layout = arenaLayout(config.network, outputs);
  const common = { reportRows: 20, pictureBytes: images * 30_000, hasTeacher };
  return planTraining({
    ...common,
    config,
    layout,
    task: taskOf(config),
    outputs,
    images,
    imageSize,
  });
}

describe('a training plan is what WebGPU accepts', () => {
  it.each([
    ["the paper's network", {}, { images: 2, imageSize: 224 }], // this device has 256 MiB
    [
      'averaged, blurred, with a teacher',
      { averaging: { decay: 0.9 }, augmentation: { blurProbability: 0.1 } },
      { images: 16, imageSize: 48, hasTeacher: true },
    ],
    [
      'pre-training of a deeper, narrower network without attention',
      {
        network: { head: 'linear', attention: 'none', width: 12, blocks: [3, 4, 6, 3] },
        stages: [{ dataset: 'celeba' }],
      },
      { images: 6, imageSize: 80 },
    ],
  ])('%s', { timeout: 120_000 }, async (_, overrides, batch) => {
    const device = await openCheckingDevice();
    const plan = planOf(overrides, batch);
    const runner = await PlanRunner.create(device, plan.dispatches, keptValues(plan));
    device.pushErrorScope('validation');
    runner.submit();
    expect(await device.popErrorScope()).toBeNull();
    runner.dispose();
    device.destroy();
  });

  it('takes less than 1 GiB for 32 images of 224 pixels', () => {
    const plan = planOf({}, { images: 32, imageSize: 224 });
    const { bytes } = planBuffers(plan.dispatches, new Set(keptValues(plan)));
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(2 ** 30);
  });

  it('says that a card was lost in the middle of a run, and how to go on', async () => {
    const device = await openCheckingDevice();
    const { training } = startTraining(device, PLANNED_CONFIG);
    const batch = batchOf(randomPictures(3), 7);
    const numbers = { step: 1, learningRate: 0, averageDecay: 0 };
    await training.step(batch, numbers);
    device.destroy();
    const lost = {
      code: 'internal',
      message: expect.stringMatching(/The graphics card was lost: .* --resume/s) as string,
    };
    await expect(training.settle()).rejects.toMatchObject(lost);
    await expect(training.step(batch, numbers)).rejects.toMatchObject(lost);
  });

  it('says what a step takes and what to do where a card has too little memory', async () => {
    const device = await openCheckingDevice();
    const plan = planOf({}, { images: 64, imageSize: 224 });
    await expect(
      PlanRunner.create(device, plan.dispatches, keptValues(plan)),
    ).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: expect.stringMatching(
        /takes \d+ MiB .* has 196 MiB.*limit is 128 MiB.*batchSize/,
      ) as string,
    });
    device.destroy();
  });
});
