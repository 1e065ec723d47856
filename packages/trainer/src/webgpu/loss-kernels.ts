import type { NetworkConfig } from 'emotion-cam/network';
import type { TrainingConfig } from '../config.js';
import type { StepResult } from '../step.js';
import type { Task } from '../task.js';
import { addLanes, float, kernel, linearMain, type Kernel, VALUES } from './kernel.js';
import { SETTINGS, SETTINGS_BINDING } from './settings.js';

const THREADS = 256;

/**
 * Results of steps on the device, as values: first whether a loss was not finite (0 or 1; from then on no
 * step is applied), and L_C and L_D of the step in progress; then rows of results.
 */
export const REPORT_HEAD = 4;
/** Values of a row; {@link resultOf} names them. */
export const REPORT_ROW = 8;

/** A step's results from its row. */
export function resultOf(row: Float32Array, count: number): StepResult {
  const [loss, classification, compactness, distribution, distillation, correct] = row;
  return {
    loss: loss!,
    classification: classification!,
    compactness: compactness!,
    distribution: distribution!,
    distillation: distillation!,
    correct: correct!,
    count,
  };
}

/**
 * L_C and L_D (paper, 3.3.4) and dL_D/dalpha, with its factor. Bindings: l [N,M,D]; its centres [M,D]; alpha
 * [N,M]; the class centres [K,M]; targets [N,K]; dL/dalpha; the report. One workgroup.
 */
export function latentLossKernel(
  { latentFeatures: features, latentWidth: width }: NetworkConfig,
  { images, classes, distribution }: { images: number; classes: number; distribution: number },
): Kernel {
  const values = images * features * width;
  return kernel(
    'latent losses',
    [],
    [
      { name: 'latents', access: 'read', type: VALUES },
      { name: 'latentCentres', access: 'read', type: VALUES },
      { name: 'alphas', access: 'read', type: VALUES },
      { name: 'classCentres', access: 'read', type: VALUES },
      { name: 'targets', access: 'read', type: VALUES },
      { name: 'dAlphas', access: 'write', type: VALUES },
      { name: 'report', access: 'update', type: VALUES },
    ],
    `
var<workgroup> compactness: array<f32, ${THREADS}>;
var<workgroup> distribution: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var at = thread; at < ${values}u; at += ${THREADS}u) {
    let distance = latents[at] - latentCentres[at % ${features * width}u];
    sum = fma(distance, distance, sum);
  }
  compactness[thread] = sum;
  sum = 0.0;
  for (var at = thread; at < ${images * features}u; at += ${THREADS}u) {
    let row = at / ${features}u;
    var centre = 0.0;
    for (var k = 0u; k < ${classes}u; k++) {
      centre = fma(targets[row * ${classes}u + k], classCentres[k * ${features}u + at % ${features}u], centre);
    }
    let distance = alphas[at] - centre;
    dAlphas[at] = ${float((2 * distribution) / images)} * distance;
    sum = fma(distance, distance, sum);
  }
  distribution[thread] = sum;
${addLanes(['compactness', 'distribution'], THREADS, 1, 'thread')}
  if (thread == 0u) {
    report[1] = compactness[0] / ${images}.0;
    report[2] = distribution[0] / ${images}.0;
  }
}
`,
  );
}

/**
 * Gradients of both kinds of centres. Bindings: l; its centres; targets; dL/dalpha as
 * {@link latentLossKernel} writes it; dL/d(centres of l) [M,D]; dL/d(class centres) [K,M].
 */
export function centreGradientKernel(
  { latentFeatures: features, latentWidth: width }: NetworkConfig,
  { images, classes, compactness }: { images: number; classes: number; compactness: number },
): Kernel {
  const latents = features * width;
  return kernel(
    'centre gradients',
    [],
    [
      { name: 'latents', access: 'read', type: VALUES },
      { name: 'latentCentres', access: 'read', type: VALUES },
      { name: 'targets', access: 'read', type: VALUES },
      { name: 'dAlphas', access: 'read', type: VALUES },
      { name: 'dLatentCentres', access: 'write', type: VALUES },
      { name: 'dClassCentres', access: 'write', type: VALUES },
    ],
    linearMain(
      `${latents + classes * features}u`,
      `  var sum = 0.0;
  if (index < ${latents}u) {
    for (var image = 0u; image < ${images}u; image++) { sum += latents[image * ${latents}u + index] - latentCentres[index]; }
    dLatentCentres[index] = ${float((-2 * compactness) / images)} * sum;
  } else {
    let at = index - ${latents}u;
    for (var image = 0u; image < ${images}u; image++) {
      sum = fma(targets[image * ${classes}u + at / ${features}u], dAlphas[image * ${features}u + at % ${features}u], sum);
    }
    dClassCentres[at] = -sum;
  }`,
    ),
  );
}

/** What the classification loss depends on besides the logits. */
export interface ClassificationLoss {
  readonly images: number;
  /** K */
  readonly classes: number;
  readonly task: Task;
  readonly hasTeacher: boolean;
  readonly losses: TrainingConfig['losses'];
  readonly distillation: TrainingConfig['distillation'];
}

/**
 * L_cls against smoothed targets, with a teacher's share, and the joint loss with what
 * {@link latentLossKernel} left in the report. Bindings: settings; logits [N,K]; targets [N,K]; with a
 * teacher its probabilities [N,K]; dL/dlogits; the report. One workgroup.
 */
export function classificationLossKernel(loss: ClassificationLoss): Kernel {
  const { images, classes, task, hasTeacher, losses, distillation } = loss;
  const { labelSmoothing, compactness, distribution } = losses;
  const { temperature } = distillation;
  const share = hasTeacher ? distillation.weight : 0;
  const isOneOf = task === 'expression';
  const goal = `fma(targets[row * ${classes}u + k], ${float(1 - labelSmoothing)}, ${float(labelSmoothing / (isOneOf ? classes : 2))})`;
  const terms = images * (isOneOf ? 1 : classes);
  return kernel(
    'classification loss',
    [],
    [
      SETTINGS_BINDING,
      { name: 'logits', access: 'read', type: VALUES },
      { name: 'targets', access: 'read', type: VALUES },
      ...(hasTeacher ? [{ name: 'taught', access: 'read', type: VALUES } as const] : []),
      { name: 'dLogits', access: 'write', type: VALUES },
      { name: 'report', access: 'update', type: VALUES },
    ],
    `${SETTINGS}
var<workgroup> classification: array<f32, ${THREADS}>;
var<workgroup> distillation: array<f32, ${THREADS}>;
var<workgroup> correct: array<f32, ${THREADS}>;

/** log(sum(exp(logits / temperature))) of a row. */
fn logSum(row: u32, temperature: f32) -> f32 {
  var largest = logits[row * ${classes}u];
  for (var k = 1u; k < ${classes}u; k++) { largest = max(largest, logits[row * ${classes}u + k]); }
  var sum = 0.0;
  for (var k = 0u; k < ${classes}u; k++) { sum += exp((logits[row * ${classes}u + k] - largest) / temperature); }
  return largest / temperature + log(sum);
}

/** A comparison cannot tell: compilers may take every number as finite. */
fn isFinite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
  var loss = 0.0;
  var taughtLoss = 0.0;
  var hits = 0.0;
  for (var row = thread; row < ${images}u; row += ${THREADS}u) {
    ${isOneOf ? 'let logAll = logSum(row, 1.0);' : ''}
    ${hasTeacher ? `let logSoft = logSum(row, ${float(temperature)});` : ''}
    var highest = 0u;
    var truth = 0u;
    for (var k = 0u; k < ${classes}u; k++) {
      let at = row * ${classes}u + k;
      let x = logits[at];
      let goal = ${goal};
${
  isOneOf
    ? `      let logShare = x - logAll;
      loss -= goal * logShare;
      var slope = (exp(logShare) - goal) * ${float((1 - share) / terms)};
      if (x > logits[row * ${classes}u + highest]) { highest = k; }
      if (targets[at] > targets[row * ${classes}u + truth]) { truth = k; }`
    : `      loss += max(x, 0.0) - x * goal + log(1.0 + exp(-abs(x)));
      var slope = (1.0 / (1.0 + exp(-x)) - goal) * ${float((1 - share) / terms)};
      hits += select(0.0, ${float(1 / classes)}, (targets[at] > 0.5) == (x > 0.0));`
}
${
  hasTeacher
    ? `      let logSoftShare = x / ${float(temperature)} - logSoft;
      taughtLoss -= taught[at] * logSoftShare * ${float(temperature ** 2)};
      slope += (exp(logSoftShare) - taught[at]) * ${float((share * temperature) / images)};`
    : ''
}
      dLogits[at] = slope;
    }
    ${isOneOf ? 'hits += select(0.0, 1.0, highest == truth);' : ''}
  }
  classification[thread] = loss;
  distillation[thread] = taughtLoss;
  correct[thread] = hits;
${addLanes(['classification', 'distillation', 'correct'], THREADS, 1, 'thread')}
  if (thread == 0u) {
    let own = classification[0] / ${terms}.0;
    let learnt = distillation[0] / ${images}.0;
    let labelled = ${float(1 - share)} * own + ${float(share)} * learnt;
    let joint = labelled + ${float(compactness)} * report[1] + ${float(distribution)} * report[2];
    if (!isFinite(joint)) { report[0] = 1.0; }
    let at = ${REPORT_HEAD}u + settings.row * ${REPORT_ROW}u;
    report[at] = joint;
    report[at + 1u] = own;
    report[at + 2u] = report[1];
    report[at + 3u] = report[2];
    report[at + 4u] = learnt;
    report[at + 5u] = correct[0];
  }
}
`,
  );
}
