import {
  blockSpecs,
  samePadding,
  stemSpec,
  type BlockSpec,
  type ConvolutionSpec,
  type NamedArray,
  type NetworkConfig,
} from 'emotion-cam/network';
import { GraphBuilder, type Value } from './graph-builder.js';
import type { GraphProto } from './proto.js';

/** Names of the graph's input and output. */
export const GRAPH_INPUT = 'images';
export const GRAPH_OUTPUT = 'logits';

/** [kh,kw,Cin,Cout] -> [Cout,Cin,kh,kw]. */
function toOihw({ shape, data }: NamedArray): Float32Array {
  const [kh, kw, inputs, outputs] = shape as [number, number, number, number];
  const out = new Float32Array(data.length);
  let from = 0;
  for (let position = 0; position < kh * kw; position++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        out[(output * inputs + input) * kh * kw + position] = data[from++]!;
      }
    }
  }
  return out;
}

/** The network as ONNX operators; maps are [N,C,H,W]. One method for each function of `network/`. */
class NetworkGraph {
  readonly graph = new GraphBuilder();
  readonly #config: NetworkConfig;
  readonly #weights: ReadonlyMap<string, NamedArray>;

  constructor(config: NetworkConfig, weights: readonly NamedArray[]) {
    this.#config = config;
    this.#weights = new Map(weights.map((array) => [array.name, array]));
  }

  #array(name: string): NamedArray {
    const array = this.#weights.get(name);
    if (!array) throw new RangeError(`The weights hold no "${name}".`);
    return array;
  }

  /** A weight as it is stored here. */
  #weight(name: string): Value {
    const { shape, data } = this.#array(name);
    return this.graph.floats(name, shape, data);
  }

  /** A convolution with folded batch normalisation. */
  #convolution(x: Value, { name, kernelSize, stride }: ConvolutionSpec): Value {
    const filter = this.#array(`${name}.weight`);
    const [kh, kw, inputs, outputs] = filter.shape as [number, number, number, number];
    const shape = [outputs, inputs, kh, kw];
    const weight = this.graph.floats(filter.name, shape, toOihw(filter));
    const pad = samePadding(kernelSize);
    return this.graph.op(name, 'Conv', [x, weight, this.#weight(`${name}.bias`)], {
      kernel_shape: [kernelSize, kernelSize],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  }

  #relu(x: Value): Value {
    return this.graph.op(`${x}.relu`, 'Relu', [x]);
  }

  /** Efficient channel attention: a convolution over the channels as a line of length C. */
  #attention(x: Value, name: string, channels: number): Value {
    const { graph } = this;
    const { shape, data } = this.#array(`${name}.weight`);
    const [k] = shape as [number];
    const pooled = graph.op(`${name}.pooled`, 'GlobalAveragePool', [x]); // [N,C,1,1]
    const asLine = graph.integers(`shape.1x${channels}`, [-1, 1, channels]);
    const line = graph.op(`${name}.line`, 'Reshape', [pooled, asLine]); // [N,1,C]
    const kernel = graph.floats(`${name}.weight`, [1, 1, k], data);
    const pad = samePadding(k);
    const mixed = graph.op(`${name}.mixed`, 'Conv', [line, kernel], {
      kernel_shape: [k],
      strides: [1],
      pads: [pad, pad],
    }); // [N,1,C]
    const scores = graph.op(`${name}.scores`, 'Sigmoid', [mixed]);
    const asMap = graph.integers(`shape.${channels}x1x1`, [-1, channels, 1, 1]);
    const factors = graph.op(`${name}.factors`, 'Reshape', [scores, asMap]); // [N,C,1,1]
    return graph.op(name, 'Mul', [x, factors]);
  }

  #residualBlock(x: Value, { name, conv1, conv2, shortcut }: BlockSpec): Value {
    let y = this.#relu(this.#convolution(x, conv1));
    y = this.#convolution(y, conv2);
    if (this.#config.attention === 'eca') {
      y = this.#attention(y, `${name}.eca`, conv2.outputChannels);
    }
    const passed = shortcut ? this.#convolution(x, shortcut) : x;
    return this.#relu(this.graph.op(name, 'Add', [y, passed]));
  }

  /** [N,3,S,S] -> [N,p]. */
  features(images: Value): Value {
    const { graph } = this;
    const stem = this.#relu(this.#convolution(images, stemSpec(this.#config)));
    let x = graph.op('stem.pool', 'MaxPool', [stem], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    });
    for (const block of blockSpecs(this.#config)) x = this.#residualBlock(x, block);
    const pooled = graph.op('features.pooled', 'GlobalAveragePool', [x]); // [N,p,1,1]
    return graph.op('features', 'Flatten', [pooled], { axis: 1 });
  }

  /** A fully connected layer: [N,Cin] -> [N,Cout]. */
  #dense(x: Value, name: string, result: Value): Value {
    const inputs = [x, this.#weight(`${name}.weight`), this.#weight(`${name}.bias`)];
    return this.graph.op(result, 'Gemm', inputs);
  }

  /** [N,p] -> [N,K]. */
  logits(features: Value): Value {
    if (this.#config.head === 'linear') return this.#dense(features, 'linear', GRAPH_OUTPUT);
    return this.#dense(this.#reconstruct(this.#decompose(features)), 'epn', GRAPH_OUTPUT);
  }

  /** Feature decomposition: [N,p] -> [N,M,D]. */
  #decompose(features: Value): Value {
    const { latentFeatures, latentWidth } = this.#config;
    const latent = this.#relu(this.#dense(features, 'fdn', 'fdn'));
    const shape = this.graph.integers('shape.latents', [-1, latentFeatures, latentWidth]);
    return this.graph.op('latents', 'Reshape', [latent, shape]);
  }

  /** One fully connected layer for each latent feature: [N,M,D] -> [N,M,D]. */
  #perFeatureDense(x: Value, name: string): Value {
    const { graph } = this;
    const byFeature = graph.op(`${name}.by-feature`, 'Transpose', [x], { perm: [1, 0, 2] }); // [M,N,D]
    const product = graph.op(`${name}.product`, 'MatMul', [
      byFeature,
      this.#weight(`${name}.weight`),
    ]);
    const sum = graph.op(`${name}.sum`, 'Add', [product, this.#weight(`${name}.bias`)]);
    return graph.op(name, 'Transpose', [sum], { perm: [1, 0, 2] });
  }

  /** Feature reconstruction (paper, equations 2 to 6): [N,M,D] -> [N,D]. */
  #reconstruct(latents: Value): Value {
    const { graph } = this;
    const { latentFeatures: m, delta } = this.#config;
    const gates = graph.op('frn.gates', 'Sigmoid', [this.#perFeatureDense(latents, 'frn.intra')]);
    const alphas = graph.op('alphas', 'ReduceMean', [gates], { axes: [2], keepdims: 1 }); // [N,M,1]
    const f = graph.op('frn.f', 'Mul', [latents, alphas]);

    const g = this.#relu(this.#perFeatureDense(f, 'frn.inter'));
    const offDiagonal = Float32Array.from({ length: m * m }, (_, i) => Number(i % (m + 1) !== 0));
    const relation = graph.op('frn.relation', 'Mul', [
      graph.op('frn.tanh', 'Tanh', [this.#similarity(g)]),
      graph.floats('frn.off-diagonal', [m, m], offDiagonal),
    ]); // [N,M,M]
    const fHat = graph.op('frn.f-hat', 'MatMul', [relation, g]);

    const y = graph.op('frn.y', 'Add', [
      graph.op('frn.intra-share', 'Mul', [f, graph.float('delta', delta)]),
      graph.op('frn.inter-share', 'Mul', [fHat, graph.float('one-minus-delta', 1 - delta)]),
    ]);
    const overFeatures = graph.integers('axes.1', [1]);
    return graph.op('expression', 'ReduceSum', [y, overFeatures], { keepdims: 0 });
  }

  /** S of equation 3: [N,M,D] -> [N,M,M]. */
  #similarity(g: Value): Value {
    const { graph } = this;
    const transpose = (name: Value, x: Value): Value =>
      graph.op(name, 'Transpose', [x], { perm: [0, 2, 1] });
    const dot = (x: Value): Value =>
      graph.op('frn.dot', 'MatMul', [x, transpose('frn.dot.transposed', x)]);
    const squares = (): Value =>
      graph.op(
        'frn.squares',
        'ReduceSum',
        [graph.op('frn.squared', 'Mul', [g, g]), graph.integers('axes.2', [2])],
        { keepdims: 1 },
      ); // [N,M,1]
    const rootOf = (x: Value): Value =>
      graph.op('frn.root', 'Sqrt', [
        graph.op('frn.above-zero', 'Add', [x, graph.float('tiny', 1e-12)]),
      ]);
    switch (this.#config.similarity) {
      case 'dot': {
        const scale = graph.float('sqrt-d', Math.sqrt(this.#config.latentWidth));
        return graph.op('frn.similarity', 'Div', [dot(g), scale]);
      }
      case 'cosine':
        return dot(graph.op('frn.unit', 'Div', [g, rootOf(squares())]));
      case 'euclidean': {
        const lengths = squares();
        const sums = graph.op('frn.sums', 'Add', [lengths, transpose('frn.squares.row', lengths)]);
        const twice = graph.op('frn.dot.twice', 'Mul', [dot(g), graph.float('two', 2)]);
        const distance = rootOf(this.#relu(graph.op('frn.distance2', 'Sub', [sums, twice])));
        const one = graph.float('one', 1);
        return graph.op('frn.similarity', 'Div', [
          one,
          graph.op('frn.distance1', 'Add', [distance, one]),
        ]);
      }
    }
  }
}

/**
 * The network with folded weights as an ONNX graph: `images`, normalised RGB, [N,3,S,S], to `logits`,
 * [N,K]; N is free.
 *
 * @param weights - those of `weightSpecs(config, { folded: true })`
 */
export function networkGraph(
  config: NetworkConfig,
  imageSize: number,
  weights: readonly NamedArray[],
): GraphProto {
  const network = new NetworkGraph(config, weights);
  network.logits(network.features(GRAPH_INPUT));
  return network.graph.build(
    'fdrl-ecanet',
    [GRAPH_INPUT, ['batch', 3, imageSize, imageSize]],
    [GRAPH_OUTPUT, ['batch', weights.at(-1)!.data.length]], // the predictor's bias is the last
  );
}
