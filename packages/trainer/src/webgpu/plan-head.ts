import type { TrainingConfig } from '../config.js';
import { CLASS_CENTRES, LATENT_CENTRES } from '../arena.js';
import type { Task } from '../task.js';
import { graphGradientKernel, graphKernel } from './graph-kernels.js';
import {
  ADD_ROWS,
  intraGradientKernel,
  intraKernel,
  POOL_GLOBALLY,
  POOL_GLOBALLY_GRADIENT,
} from './head-kernels.js';
import {
  centreGradientKernel,
  classificationLossKernel,
  latentLossKernel,
} from './loss-kernels.js';
import type { FeatureMap, PlanBuilder, Value } from './plan-builder.js';
import { productKernel, productWorkgroups, type ProductEnd } from './product-kernel.js';

/** What the head and the losses read besides the features, and where results go. */
export interface HeadValues {
  /** Of the labels, [N,K]. */
  readonly targets: Value;
  /** The teacher's probabilities, [N,K]. */
  readonly taught: Value | undefined;
  readonly settings: Value;
  readonly report: Value;
}

/** What decides the head and the losses. */
export interface HeadOptions {
  readonly config: TrainingConfig;
  readonly task: Task;
  /** K */
  readonly outputs: number;
}

/**
 * From the last map to the losses, and back.
 *
 * @returns dL/d(the map)
 */
export function planHead(
  plan: PlanBuilder,
  map: FeatureMap,
  values: HeadValues,
  options: HeadOptions,
): Value {
  const { images } = plan;
  const { quads, side } = map;
  const pixels = side ** 2;
  const features = plan.floats('features', images * quads * 4);
  const count = images * quads;
  plan.runLinear(POOL_GLOBALLY, count, [map.value, features], { count, quads, pixels });
  const dFeatures =
    options.config.network.head === 'linear'
      ? planLinear(plan, features, quads * 4, values, options)
      : planReconstruction(plan, features, quads * 4, values, options);
  const gradient = plan.map('last map gradient', side, quads);
  const size = plan.sizeOf(gradient);
  plan.runLinear(POOL_GLOBALLY_GRADIENT, size, [dFeatures, gradient.value], {
    count: size,
    quads,
    pixels,
  });
  return gradient.value;
}

/** A fully connected layer for each of some groups: x [N,groups,inputs] to y [N,groups,outputs]. */
interface Dense {
  readonly name: string;
  readonly input: Value;
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
}

function planDense(
  plan: PlanBuilder,
  layer: Dense,
  activation: NonNullable<ProductEnd['activation']>,
): Value {
  const { name, input, groups, inputs, outputs } = layer;
  const y = plan.floats(name, plan.images * groups * outputs);
  plan.run(
    productKernel({ activation }),
    productWorkgroups(plan.images, outputs, groups),
    [input, plan.parameter(`${name}.weight`), plan.parameter(`${name}.bias`), y],
    {
      ...{ rows: plan.images, columns: outputs, depth: inputs },
      ...{ aGroup: inputs, aRow: groups * inputs, aDepth: 1 },
      ...{ bGroup: inputs * outputs, bDepth: outputs, bColumn: 1 },
      ...{ cGroup: outputs, cRow: groups * outputs },
    },
  );
  return y;
}

/** Gradients of a layer's weight and bias. */
function planDenseGradients(plan: PlanBuilder, layer: Dense, gradient: Value): void {
  const { name, input, groups, inputs, outputs } = layer;
  plan.run(
    productKernel(),
    productWorkgroups(inputs, outputs, groups),
    [input, gradient, plan.gradient(`${name}.weight`)],
    {
      ...{ rows: inputs, columns: outputs, depth: plan.images },
      ...{ aGroup: inputs, aRow: 1, aDepth: groups * inputs },
      ...{ bGroup: outputs, bDepth: groups * outputs, bColumn: 1 },
      ...{ cGroup: inputs * outputs, cRow: outputs },
    },
  );
  const columns = groups * outputs;
  plan.runLinear(ADD_ROWS, columns, [gradient, plan.gradient(`${name}.bias`)], {
    rows: plan.images,
    columns,
  });
}

/** dL/dx of a layer, into `result`. */
function planDenseInputGradient(
  plan: PlanBuilder,
  { name, groups, inputs, outputs }: Dense,
  gradient: Value,
  result: Value,
  { isAdded = false, mask }: { isAdded?: boolean; mask?: Value } = {},
): void {
  plan.run(
    productKernel({ isAdded, isMasked: mask !== undefined }),
    productWorkgroups(plan.images, inputs, groups),
    [gradient, plan.parameter(`${name}.weight`), ...(mask ? [mask] : []), result],
    {
      ...{ rows: plan.images, columns: inputs, depth: outputs },
      ...{ aGroup: outputs, aRow: groups * outputs, aDepth: 1 },
      ...{ bGroup: inputs * outputs, bDepth: 1, bColumn: outputs },
      ...{ cGroup: inputs, cRow: groups * inputs },
    },
  );
}

/** L_cls and the joint loss. @returns dL/dlogits */
function planClassificationLoss(
  plan: PlanBuilder,
  logits: Value,
  { targets, taught, settings, report }: HeadValues,
  { config, task, outputs }: HeadOptions,
): Value {
  const { losses, distillation } = config;
  const dLogits = plan.floats('logits gradient', plan.images * outputs);
  plan.run(
    classificationLossKernel({
      ...{ images: plan.images, classes: outputs, task },
      ...{ hasTeacher: taught !== undefined, losses, distillation },
    }),
    [1],
    [settings, logits, targets, ...(taught ? [taught] : []), dLogits, report],
    {},
  );
  return dLogits;
}

/** The head without FDRL. @returns dL/dfeatures */
function planLinear(
  plan: PlanBuilder,
  features: Value,
  width: number,
  values: HeadValues,
  options: HeadOptions,
): Value {
  const { outputs } = options;
  const linear: Dense = { name: 'linear', input: features, groups: 1, inputs: width, outputs };
  const logits = planDense(plan, linear, 'linear');
  const dLogits = planClassificationLoss(plan, logits, values, options);
  planDenseGradients(plan, linear, dLogits);
  const dFeatures = plan.floats('features gradient', plan.images * width);
  planDenseInputGradient(plan, linear, dLogits, dFeatures);
  return dFeatures;
}

/** FDN, FRN and EPN (paper, 3.3). @returns dL/dfeatures */
function planReconstruction(
  plan: PlanBuilder,
  features: Value,
  width: number,
  values: HeadValues,
  options: HeadOptions,
): Value {
  const { images } = plan;
  const { config, outputs } = options;
  const { network, losses } = config;
  const { latentFeatures, latentWidth } = network;
  const size = images * latentFeatures * latentWidth;
  const perFeature = { groups: latentFeatures, inputs: latentWidth, outputs: latentWidth };

  const fdn: Dense = {
    ...{ name: 'fdn', input: features, groups: 1 },
    ...{ inputs: width, outputs: latentFeatures * latentWidth },
  };
  const latents = planDense(plan, fdn, 'relu');
  const intraLayer: Dense = { name: 'frn.intra', input: latents, ...perFeature };
  const gates = planDense(plan, intraLayer, 'sigmoid');
  const alphas = plan.floats('alphas', images * latentFeatures);
  const intra = plan.floats('intra features', size);
  const groups: [number] = [images * latentFeatures];
  plan.run(intraKernel(network), groups, [gates, latents, alphas, intra], {});
  const interLayer: Dense = { name: 'frn.inter', input: intra, ...perFeature };
  const vertices = planDense(plan, interLayer, 'relu');
  const expression = plan.floats('expression', images * latentWidth);
  plan.run(graphKernel(network), [images], [vertices, intra, expression], {});
  const epn: Dense = {
    ...{ name: 'epn', input: expression, groups: 1 },
    ...{ inputs: latentWidth, outputs },
  };
  const logits = planDense(plan, epn, 'linear');

  const latentCentres = plan.parameter(LATENT_CENTRES);
  const dAlphas = plan.floats('alphas gradient', images * latentFeatures);
  const shape = { images, classes: outputs };
  plan.run(
    latentLossKernel(network, { ...shape, distribution: losses.distribution }),
    [1],
    [
      ...[latents, latentCentres, alphas, plan.parameter(CLASS_CENTRES)],
      ...[values.targets, dAlphas, values.report],
    ],
    {},
  );
  const dLogits = planClassificationLoss(plan, logits, values, options);
  plan.runLinear(
    centreGradientKernel(network, { ...shape, compactness: losses.compactness }),
    latentFeatures * (latentWidth + outputs),
    [
      ...[latents, latentCentres, values.targets, dAlphas],
      ...[plan.gradient(LATENT_CENTRES), plan.gradient(CLASS_CENTRES)],
    ],
    {},
  );

  planDenseGradients(plan, epn, dLogits);
  const dExpression = plan.floats('expression gradient', images * latentWidth);
  planDenseInputGradient(plan, epn, dLogits, dExpression);
  const dVertices = plan.floats('vertices gradient', size);
  const dIntra = plan.floats('intra features gradient', size);
  const graph = [dExpression, vertices, dVertices, dIntra];
  plan.run(graphGradientKernel(network), [images], graph, {});
  planDenseGradients(plan, interLayer, dVertices);
  planDenseInputGradient(plan, interLayer, dVertices, dIntra, { isAdded: true });
  const dLatents = plan.floats('latents gradient', size);
  const dGates = plan.floats('gates gradient', size);
  plan.run(
    intraGradientKernel(network, images, losses.compactness),
    groups,
    [dIntra, gates, latents, latentCentres, alphas, dAlphas, dLatents, dGates],
    {},
  );
  planDenseGradients(plan, intraLayer, dGates);
  planDenseInputGradient(plan, intraLayer, dGates, dLatents, { isAdded: true, mask: latents });
  planDenseGradients(plan, fdn, dLatents);
  const dFeatures = plan.floats('features gradient', images * width);
  planDenseInputGradient(plan, fdn, dLatents, dFeatures);
  return dFeatures;
}
