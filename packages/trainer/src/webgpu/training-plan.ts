import { stemSpec, samePadding } from 'emotion-cam/network';
import type { ArenaLayout } from '../arena.js';
import type { TrainingConfig } from '../config.js';
import type { Task } from '../task.js';
import { deviceLayout } from './device-layout.js';
import { REPORT_HEAD, REPORT_ROW } from './loss-kernels.js';
import { optimizerKernel } from './optimizer-kernel.js';
import { PICTURE_BYTES } from './picture-list.js';
import { planBackbone } from './plan-backbone.js';
import { PlanBuilder, type Dispatch, type Value } from './plan-builder.js';
import { planHead } from './plan-head.js';
import { planRendering } from './plan-rendering.js';
import { SETTINGS_BYTES } from './settings.js';

/** What decides a plan besides the configuration. */
export interface PlanOptions {
  readonly config: TrainingConfig;
  readonly layout: ArenaLayout;
  readonly task: Task;
  /** K */
  readonly outputs: number;
  /** N, images of a batch. */
  readonly images: number;
  /** S */
  readonly imageSize: number;
  /** Room for the decoded images of a batch. */
  readonly pictureBytes: number;
  /** Steps whose results the report has room for. */
  readonly reportRows: number;
  readonly hasTeacher: boolean;
}

/** What the host writes before a step. */
export interface PlanInputs {
  /** Decoded images, RGB. */
  readonly bytes: Value;
  readonly pictures: Value;
  readonly targets: Value;
  readonly taught: Value | undefined;
  readonly settings: Value;
}

/** What stays on the device between steps. */
export interface PlanState {
  readonly parameters: Value;
  readonly moments1: Value;
  readonly moments2: Value;
  readonly average: Value | undefined;
  readonly gradients: Value;
  readonly report: Value;
  /** Images as the network sees them, [N,S+2b,S+2b,4]; nothing writes to their border. */
  readonly images: Value;
}

/** All that a plan's dispatches share with the world and with the next step. */
export function keptValues({ inputs, state }: TrainingPlan): Value[] {
  const values: readonly (Value | undefined)[] = [
    ...Object.values<Value | undefined>({ ...inputs }),
    ...Object.values<Value | undefined>({ ...state }),
  ];
  return values.filter((value) => value !== undefined);
}

/** A training step from decoded images to changed parameters; says nothing of a device. */
export interface TrainingPlan {
  readonly dispatches: readonly Dispatch[];
  readonly inputs: PlanInputs;
  readonly state: PlanState;
}

/** Plans a whole step: rendering, forward pass, losses, backward pass, Adam. */
export function planTraining(options: PlanOptions): TrainingPlan {
  const { config, layout, outputs, imageSize } = options;
  const { network, averaging, losses, augmentation } = config;
  const device = deviceLayout(layout);
  const plan = new PlanBuilder(options.images, layout, device);
  const border = samePadding(stemSpec(network).kernelSize);
  const labels = options.images * outputs;
  const inputs: PlanInputs = {
    bytes: { label: 'picture bytes', bytes: Math.ceil(options.pictureBytes / 4) * 4 },
    pictures: { label: 'pictures', bytes: options.images * PICTURE_BYTES },
    targets: plan.floats('targets', labels),
    taught: options.hasTeacher ? plan.floats('taught', labels) : undefined,
    settings: { label: 'settings', bytes: SETTINGS_BYTES },
  };
  const state: PlanState = {
    parameters: plan.parameters,
    moments1: plan.floats('moments 1', device.total),
    moments2: plan.floats('moments 2', device.total),
    average: averaging.decay > 0 ? plan.floats('average', device.total) : undefined,
    gradients: plan.gradients,
    report: plan.floats('report', REPORT_HEAD + options.reportRows * REPORT_ROW),
    images: plan.vectors('images', options.images * (imageSize + 2 * border) ** 2),
  };
  const isBlurred = augmentation.blurProbability > 0;
  planRendering(plan, inputs, state.images, { imageSize, border, isBlurred });
  const backbone = planBackbone(plan, network, state.images, imageSize);
  const { report } = state;
  backbone.planBackward(planHead(plan, backbone.map, { ...inputs, report }, options));
  const { weightDecay } = losses;
  const isAveraged = state.average !== undefined;
  plan.runLinear(
    optimizerKernel(device, config.optimizer, { weightDecay, isAveraged }),
    device.total / 4,
    [
      ...[inputs.settings, report, state.gradients],
      ...[state.parameters, state.moments1, state.moments2],
      ...(state.average ? [state.average] : []),
    ],
    {},
  );
  return { dispatches: plan.dispatches, inputs, state };
}
