/** FDRL-ECANet as a TensorFlow Lite file, for the runtimes that read nothing else. */
import {
  blockSpecs,
  samePadding,
  stemSpec,
  weightSpecs,
} from '../../packages/sdk/dist/network/index.js';
import { TfliteGraph } from './tflite.mjs';

const [SAME, VALID] = [0, 1];
const [NONE, RELU] = [0, 1];

/** Values in another order of axes. @param {readonly number[]} shape @param {readonly number[]} order */
function transposed(data, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(data.length);
  const sides = order.map((axis) => shape[axis]);
  const at = sides.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    result[i] = data[order.reduce((sum, axis, k) => sum + at[k] * strides[axis], 0)];
    for (let k = sides.length - 1; k >= 0 && ++at[k] === sides[k]; k--) at[k] = 0;
  }
  return result;
}

/**
 * `images`, normalised RGB, [1,S,S,3], to logits, [1,7], or without the head to the mean features, [1,p].
 *
 * @param {import('../../packages/sdk/dist/network/index.js').NetworkConfig} network with FDRL and ECA, similarity `dot`
 * @param {readonly import('../../packages/sdk/dist/network/index.js').NamedArray[]} folded weights
 * @param {{ hasHead?: boolean }} [options]
 * @returns {Uint8Array} the file
 */
export function encodeTflite(network, folded, { hasHead = true } = {}) {
  const graph = new TfliteGraph();
  const weights = new Map(folded.map((one) => [one.name, one]));
  for (const { name } of weightSpecs(network, { folded: true })) {
    if (!weights.has(name)) throw new RangeError(`The weights hold no "${name}".`);
  }
  const stored = (name) => weights.get(name);
  /** As it is stored, or in another order of axes. */
  const constant = (name, shape = stored(name).shape) => graph.constant(shape, stored(name).data);
  const reordered = (name, order) => {
    const { shape, data } = stored(name);
    const sides = order.map((axis) => shape[axis]);
    return graph.constant(sides, transposed(data, shape, order));
  };

  /** Zeros around a map: the padding `SAME` is another one where the stride is 2. */
  const padded = (x, p) => {
    const [n, h, w, c] = x.shape;
    const sides = graph.integers([0, 0, p, p, p, p, 0, 0], [4, 2]);
    return graph.apply('pad', [x, sides], [n, h + 2 * p, w + 2 * p, c]);
  };
  const convolution = (x, { name, kernelSize, outputChannels, stride }, activation) => {
    const [n, h, w] = x.shape;
    const p = samePadding(kernelSize);
    const isPadded = stride > 1 && p > 0;
    const inputs = [
      isPadded ? padded(x, p) : x,
      reordered(`${name}.weight`, [3, 0, 1, 2]),
      constant(`${name}.bias`),
    ];
    const shape = [n, Math.ceil(h / stride), Math.ceil(w / stride), outputChannels];
    return graph.apply('conv2d', inputs, shape, [
      ['int8', isPadded ? VALID : SAME],
      ['int32', stride],
      ['int32', stride],
      ['int8', activation],
      ['int32', 1],
      ['int32', 1],
    ]);
  };
  const reshape = (x, shape) => graph.apply('reshape', [x, graph.integers(shape)], shape);
  const reduce = (name, x, axes, shape, keepsAxes = true) =>
    graph.apply(name, [x, graph.integers(axes)], shape, [['int8', keepsAxes ? 1 : 0]]);
  const fused = (name, a, b, activation = NONE) => {
    const shape = a.shape.length >= b.shape.length ? a.shape : b.shape;
    return graph.apply(name, [a, b], shape, [['int8', activation]]);
  };
  const attention = (x, name) => {
    const channels = x.shape[3];
    const kernel = stored(name);
    const mean = reduce('mean', x, [1, 2], [1, 1, 1, channels]);
    const filter = graph.constant([1, 1, kernel.data.length, 1], kernel.data);
    const mixed = graph.apply(
      'conv2d',
      [reshape(mean, [1, 1, channels, 1]), filter, graph.constant([1], [0])],
      [1, 1, channels, 1],
      [
        ['int8', SAME],
        ['int32', 1],
        ['int32', 1],
        ['int8', NONE],
        ['int32', 1],
        ['int32', 1],
      ],
    );
    const scales = graph.apply(
      'logistic',
      [reshape(mixed, [1, 1, 1, channels])],
      [1, 1, 1, channels],
    );
    return fused('mul', x, scales);
  };

  const images = graph.input([1, network.inputSize, network.inputSize, 3]);
  let x = padded(convolution(images, stemSpec(network), RELU), 1); // zeros are the least after ReLU
  const [, side] = x.shape;
  const half = Math.floor((side - 3) / 2) + 1;
  x = graph.apply(
    'maxPool',
    [x],
    [1, half, half, network.width],
    [
      ['int8', VALID],
      ['int32', 2],
      ['int32', 2],
      ['int32', 3],
      ['int32', 3],
      ['int8', NONE],
    ],
  );
  for (const block of blockSpecs(network)) {
    const shortcut = block.shortcut ? convolution(x, block.shortcut, NONE) : x;
    const y = convolution(convolution(x, block.conv1, RELU), block.conv2, NONE);
    x = fused('add', attention(y, `${block.name}.eca.weight`), shortcut, RELU);
  }
  const features = x.shape[3];
  const mean = reduce('mean', x, [1, 2], [1, features], false);
  if (!hasHead) return graph.encode(images, mean);

  const { latentFeatures: m, latentWidth: d } = network;
  const dense = (input, name, outputs, activation) =>
    graph.apply(
      'fullyConnected',
      [input, reordered(`${name}.weight`, [1, 0]), constant(`${name}.bias`)],
      [1, outputs],
      [['int8', activation]],
    );
  /** [M,1,D] by the layer of each latent feature. */
  const perFeature = (input, name, activation) => {
    const fields = [
      ['int8', 0],
      ['int8', 0],
    ];
    const product = graph.apply(
      'batchMatMul',
      [input, constant(`${name}.weight`)],
      [m, 1, d],
      fields,
    );
    return fused('add', product, constant(`${name}.bias`), activation);
  };
  const latents = reshape(dense(mean, 'fdn', m * d, RELU), [m, 1, d]);
  const gates = graph.apply('logistic', [perFeature(latents, 'frn.intra', NONE)], [m, 1, d]);
  const intra = fused('mul', latents, reduce('mean', gates, [2], [m, 1, 1]));
  const vertices = reshape(perFeature(intra, 'frn.inter', RELU), [1, m, d]);
  const dot = graph.apply(
    'batchMatMul',
    [vertices, vertices],
    [1, m, m],
    [
      ['int8', 0],
      ['int8', 1],
    ],
  );
  const scaled = fused('mul', dot, graph.constant([1], [1 / Math.sqrt(d)]));
  const offDiagonal = Array.from({ length: m * m }, (_, i) => (i % (m + 1) === 0 ? 0 : 1));
  const relation = fused(
    'mul',
    graph.apply('tanh', [scaled], [1, m, m]),
    graph.constant([1, m, m], offDiagonal),
  );
  const inter = graph.apply(
    'batchMatMul',
    [relation, vertices],
    [1, m, d],
    [
      ['int8', 0],
      ['int8', 0],
    ],
  );
  const both = fused(
    'add',
    fused('mul', reshape(intra, [1, m, d]), graph.constant([1], [network.delta])),
    fused('mul', inter, graph.constant([1], [1 - network.delta])),
  );
  const expression = reduce('sum', both, [1], [1, d], false);
  return graph.encode(images, dense(expression, 'epn', 7, NONE));
}
