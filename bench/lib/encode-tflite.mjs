/**
 * The backbone of FDRL-ECANet, attention included, as a `.tflite` file for LiteRT.js. The head is left out:
 * its batched products are not what that runtime is for, and it would only gain from that.
 *
 * Numbers are those of TensorFlow Lite's schema (tensorflow/lite/schema/schema.fbs, version 3).
 */
import { blockSpecs, stemSpec } from '../../packages/sdk/dist/network/weights.js';

/** Operators, and where they have options: number of those, and their fields as [slot, type, value]. */
const OPERATORS = {
  ADD: 0,
  CONV_2D: 3,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RESHAPE: 22,
  PAD: 34,
  MEAN: 40,
};
const OPTIONS = { Conv2D: 1, Pool2D: 5, Add: 11, Reshape: 17, Mul: 21, Pad: 22, Reducer: 27 };
const RELU = 1;
const VALID = 1;
const FLOAT32 = 0;
const INT32 = 2;

/** @typedef {{ shape: readonly number[], type: number, data?: Uint8Array, name: string }} Tensor */
/** @typedef {[slot: number, type: 'Int8' | 'Int32', value: number]} Field */
/** @typedef {{ operator: keyof typeof OPERATORS, inputs: number[], output: number, options?: [keyof typeof OPTIONS, Field[]] }} Operation */

/** Collects tensors and operations; each operation gives the number of its result. */
class Graph {
  /** @type {Tensor[]} */ tensors = [];
  /** @type {Operation[]} */ operations = [];

  /** @param {readonly number[]} shape @param {string} name */
  value(shape, name) {
    return this.tensors.push({ shape, type: FLOAT32, name }) - 1;
  }

  /** @param {readonly number[]} shape @param {Float32Array} values @param {string} name */
  floats(shape, values, name) {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.tensors.push({ shape, type: FLOAT32, data, name }) - 1;
  }

  /** @param {readonly number[]} shape @param {readonly number[]} values @param {string} name */
  integers(shape, values, name) {
    const data = new Uint8Array(Int32Array.from(values).buffer);
    return this.tensors.push({ shape, type: INT32, data, name }) - 1;
  }

  /** @param {Operation['operator']} operator @param {number[]} inputs @param {readonly number[]} shape of the result @param {string} name @param {Operation['options']} [options] */
  op(operator, inputs, shape, name, options) {
    const output = this.value(shape, name);
    this.operations.push({ operator, inputs, output, options });
    return output;
  }

  /** @param {number} x */
  shape(x) {
    return this.tensors[x].shape;
  }

  /** Zeros around a map: TensorFlow's own padding lies elsewhere where the stride is 2. @param {number} x @param {number} pad */
  pad(x, pad) {
    const [n, h, w, c] = this.shape(x);
    const { name } = this.tensors[x];
    const pads = this.integers([4, 2], [0, 0, pad, pad, pad, pad, 0, 0], `${name}.pads`);
    return this.op('PAD', [x, pads], [n, h + 2 * pad, w + 2 * pad, c], `${name}.padded`, [
      'Pad',
      [],
    ]);
  }

  /** @param {number} x @param {readonly number[]} shape @param {string} name */
  reshape(x, shape, name) {
    return this.op(
      'RESHAPE',
      [x, this.integers([shape.length], shape, `${name}.shape`)],
      shape,
      name,
      ['Reshape', []],
    );
  }

  /** Mean over height and width. @param {number} x @param {string} name */
  mean(x, name) {
    const [n, , , c] = this.shape(x);
    const axes = this.integers([2], [1, 2], `${name}.axes`);
    return this.op('MEAN', [x, axes], [n, 1, 1, c], name, ['Reducer', [[0, 'Int8', 1]]]);
  }
}

/** @param {import('./page-engines.mjs').NetworkConfig} network @param {readonly import('./page-engines.mjs').NamedArray[]} weights */
function backbone(network, weights) {
  const graph = new Graph();
  const arrays = new Map(weights.map((array) => [array.name, array]));
  const window = (size, stride) => ({ size, stride });

  const convolve = (x, { name, kernelSize, stride, inputChannels, outputChannels }, activation) => {
    const pad = kernelSize >> 1;
    const padded = pad > 0 ? graph.pad(x, pad) : x;
    const [, side] = graph.shape(padded);
    const out = Math.floor((side - kernelSize) / stride) + 1;
    const { data } = arrays.get(`${name}.weight`); // [kh,kw,Cin,Cout] to [Cout,kh,kw,Cin]
    const rows = kernelSize ** 2 * inputChannels;
    const turned = new Float32Array(data.length);
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < outputChannels; c++)
        turned[c * rows + row] = data[row * outputChannels + c];
    }
    const shape = [outputChannels, kernelSize, kernelSize, inputChannels];
    const filter = graph.floats(shape, turned, `${name}.weight`);
    const bias = graph.floats([outputChannels], arrays.get(`${name}.bias`).data, `${name}.bias`);
    return graph.op('CONV_2D', [padded, filter, bias], [1, out, out, outputChannels], name, [
      'Conv2D',
      [
        [0, 'Int8', VALID],
        [1, 'Int32', stride],
        [2, 'Int32', stride],
        [3, 'Int8', activation],
      ],
    ]);
  };

  const attend = (x, name) => {
    const channels = graph.shape(x)[3];
    const { data } = arrays.get(`${name}.weight`);
    const pad = data.length >> 1;
    const line = graph.reshape(graph.mean(x, `${name}.mean`), [1, 1, channels, 1], `${name}.line`);
    const pads = graph.integers([4, 2], [0, 0, 0, 0, pad, pad, 0, 0], `${name}.pads`);
    const padded = graph.op('PAD', [line, pads], [1, 1, channels + 2 * pad, 1], `${name}.padded`, [
      'Pad',
      [],
    ]);
    const filter = graph.floats([1, 1, data.length, 1], data, `${name}.weight`);
    const bias = graph.floats([1], new Float32Array(1), `${name}.bias`);
    const mixed = graph.op(
      'CONV_2D',
      [padded, filter, bias],
      [1, 1, channels, 1],
      `${name}.mixed`,
      [
        'Conv2D',
        [
          [0, 'Int8', VALID],
          [1, 'Int32', 1],
          [2, 'Int32', 1],
        ],
      ],
    );
    const scores = graph.op('LOGISTIC', [mixed], [1, 1, channels, 1], `${name}.scores`);
    const factors = graph.reshape(scores, [1, 1, 1, channels], `${name}.factors`);
    return graph.op('MUL', [x, factors], graph.shape(x), name, ['Mul', []]);
  };

  const { inputSize } = network;
  const images = graph.value([1, inputSize, inputSize, 3], 'images');
  const stem = graph.pad(convolve(images, stemSpec(network), RELU), 1); // behind ReLU 0 is the least
  const pooled = Math.floor((graph.shape(stem)[1] - 3) / 2) + 1;
  const { size, stride } = window(3, 2);
  let x = graph.op('MAX_POOL_2D', [stem], [1, pooled, pooled, network.width], 'stem.pool', [
    'Pool2D',
    [
      [0, 'Int8', VALID],
      [1, 'Int32', stride],
      [2, 'Int32', stride],
      [3, 'Int32', size],
      [4, 'Int32', size],
    ],
  ]);
  for (const { name, conv1, conv2, shortcut } of blockSpecs(network)) {
    let y = convolve(convolve(x, conv1, RELU), conv2, 0);
    if (network.attention === 'eca') y = attend(y, `${name}.eca`);
    const passed = shortcut ? convolve(x, shortcut, 0) : x;
    x = graph.op('ADD', [y, passed], graph.shape(y), name, ['Add', [[0, 'Int8', RELU]]]);
  }
  const features = graph.mean(x, 'features');
  return { graph, input: images, output: features };
}

/**
 * @param {typeof import('flatbuffers')} flatbuffers
 * @param {import('./page-engines.mjs').NetworkConfig} network
 * @param {readonly import('./page-engines.mjs').NamedArray[]} weights folded
 * @returns {Uint8Array} normalised RGB, [1,S,S,3], to the mean features, [1,1,1,p]
 */
export function encodeTflite(flatbuffers, network, weights) {
  const { graph, input, output } = backbone(network, weights);
  const bytes = graph.tensors.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  const builder = new flatbuffers.Builder(bytes + 2 ** 20);

  const offsets = (values) => {
    builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) builder.addOffset(value);
    return builder.endVector();
  };
  const integers = (values) => {
    builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) builder.addInt32(value);
    return builder.endVector();
  };
  /** @param {[slot: number, type: 'Int8' | 'Int32' | 'Offset', value: number][]} fields @param {number} slots */
  const table = (slots, fields) => {
    builder.startObject(slots);
    for (const [slot, type, value] of fields) builder[`addField${type}`](slot, value, 0);
    return builder.endObject();
  };

  // The first buffer is empty by agreement: that of values that are no constants.
  const buffers = [table(1, [])];
  const tensors = graph.tensors.map(({ shape, type, data, name }) => {
    let buffer = 0;
    if (data) {
      builder.startVector(1, data.length, 16);
      builder.space -= data.length;
      builder.bb.bytes().set(data, builder.space);
      buffer = buffers.push(table(1, [[0, 'Offset', builder.endVector()]])) - 1;
    }
    const [shapeAt, nameAt] = [integers(shape), builder.createString(name)];
    return table(6, [
      [0, 'Offset', shapeAt],
      [1, 'Int8', type],
      [2, 'Int32', buffer],
      [3, 'Offset', nameAt],
    ]);
  });
  const used = [...new Set(graph.operations.map(({ operator }) => operator))];
  const codes = used.map((operator) =>
    table(4, [
      [0, 'Int8', OPERATORS[operator]],
      [2, 'Int32', 1],
      [3, 'Int32', OPERATORS[operator]],
    ]),
  );
  const operations = graph.operations.map(({ operator, inputs, output, options }) => {
    const [inputsAt, outputsAt] = [integers(inputs), integers([output])];
    const [kind, fields] = options ?? [];
    const optionsAt = kind
      ? [
          [3, 'Int8', OPTIONS[kind]],
          [4, 'Offset', table(8, fields)],
        ]
      : [];
    return table(5, [
      [0, 'Int32', used.indexOf(operator)],
      [1, 'Offset', inputsAt],
      [2, 'Offset', outputsAt],
      ...optionsAt,
    ]);
  });
  const parts = [offsets(tensors), integers([input]), integers([output]), offsets(operations)];
  const subgraph = table(
    5,
    parts.map((part, slot) => [slot, 'Offset', part]),
  );
  const [codesAt, subgraphsAt, buffersAt] = [offsets(codes), offsets([subgraph]), offsets(buffers)];
  const model = table(5, [
    [0, 'Int32', 3],
    [1, 'Offset', codesAt],
    [2, 'Offset', subgraphsAt],
    [4, 'Offset', buffersAt],
  ]);
  builder.finish(model, 'TFL3');
  return builder.asUint8Array();
}
