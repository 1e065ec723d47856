/** Writes TensorFlow Lite files of float32 graphs: as much of its schema as the network needs. */
import { Builder } from 'flatbuffers';

/** Numbers of operators and of their options' types in TensorFlow Lite's schema.fbs. */
const OPERATORS = {
  add: { code: 0, options: 11 },
  batchMatMul: { code: 126, options: 101 },
  conv2d: { code: 3, options: 1 },
  fullyConnected: { code: 9, options: 8 },
  logistic: { code: 14 },
  maxPool: { code: 17, options: 5 },
  mean: { code: 40, options: 27 },
  mul: { code: 18, options: 21 },
  pad: { code: 34, options: 22 },
  reshape: { code: 22 },
  sum: { code: 74, options: 27 },
  tanh: { code: 28 },
};
const [FLOAT32, INT32] = [0, 2];
const SCHEMA_VERSION = 3;
/** What TensorFlow Lite aligns the contents of buffers to. */
const BUFFER_ALIGNMENT = 16;

/** A value of the graph. @typedef {{ index: number, shape: readonly number[] }} Value */

/** @param {readonly number[]} shape */
const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

export class TfliteGraph {
  /** @type {{ shape: readonly number[], type: number, buffer: number }[]} */
  #tensors = [];
  /** The first is that of all values that are computed. @type {Uint8Array[]} */
  #buffers = [new Uint8Array()];
  /** @type {{ name: keyof typeof OPERATORS, inputs: number[], output: number, fields: [type: 'int8' | 'int32', value: number][] }[]} */
  #operators = [];

  /** @param {readonly number[]} shape @returns {Value} */
  input(shape) {
    return this.#tensor(shape, FLOAT32, 0);
  }

  /** @param {readonly number[]} shape @param {ArrayLike<number>} values @returns {Value} */
  constant(shape, values) {
    if (values.length !== sizeOf(shape))
      throw new RangeError(`${values.length} values for ${shape}`);
    return this.#stored(shape, FLOAT32, Float32Array.from(values));
  }

  /**
   * @param {keyof typeof OPERATORS} name
   * @param {readonly Value[]} inputs
   * @param {readonly number[]} shape of the result
   * @param {[type: 'int8' | 'int32', value: number][]} [fields] of its options, in the order of the schema
   * @returns {Value}
   */
  apply(name, inputs, shape, fields = []) {
    const output = this.#tensor(shape, FLOAT32, 0);
    const indices = inputs.map(({ index }) => index);
    this.#operators.push({ name, inputs: indices, output: output.index, fields });
    return output;
  }

  /** @param {readonly number[]} values @param {readonly number[]} [shape] @returns {Value} */
  integers(values, shape = [values.length]) {
    return this.#stored(shape, INT32, Int32Array.from(values));
  }

  /** @param {Value} input @param {Value} output @returns {Uint8Array} the file */
  encode(input, output) {
    const builder = new Builder(64 * 2 ** 20);
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
    const buffers = this.#buffers.map((bytes) => {
      builder.startVector(1, bytes.length, BUFFER_ALIGNMENT);
      for (let i = bytes.length - 1; i >= 0; i--) builder.writeInt8(bytes[i]);
      const data = builder.endVector();
      builder.startObject(3);
      if (bytes.length > 0) builder.addFieldOffset(0, data, 0);
      return builder.endObject();
    });
    const tensors = this.#tensors.map(({ shape, type, buffer }, i) => {
      const sides = integers(shape);
      const name = builder.createString(`value${i}`);
      builder.startObject(9);
      builder.addFieldOffset(0, sides, 0);
      builder.addFieldInt8(1, type, 0);
      builder.addFieldInt32(2, buffer, 0);
      builder.addFieldOffset(3, name, 0);
      return builder.endObject();
    });
    const names = [...new Set(this.#operators.map(({ name }) => name))];
    const codes = names.map((name) => {
      const { code } = OPERATORS[name];
      builder.startObject(4);
      builder.addFieldInt8(0, code, 0);
      builder.addFieldInt32(2, 1, 1);
      builder.addFieldInt32(3, code, 0);
      return builder.endObject();
    });
    const operators = this.#operators.map(({ name, inputs, output, fields }) => {
      const { options: type } = OPERATORS[name];
      builder.startObject(Math.max(1, fields.length));
      fields.forEach(([kind, value], i) => {
        if (kind === 'int8') builder.addFieldInt8(i, value, 0);
        else builder.addFieldInt32(i, value, 0);
      });
      const options = builder.endObject();
      const [from, to] = [integers(inputs), integers([output])];
      builder.startObject(9);
      builder.addFieldInt32(0, names.indexOf(name), 0);
      builder.addFieldOffset(1, from, 0);
      builder.addFieldOffset(2, to, 0);
      if (type !== undefined) {
        builder.addFieldInt8(3, type, 0);
        builder.addFieldOffset(4, options, 0);
      }
      return builder.endObject();
    });
    const lists = [
      offsets(tensors),
      integers([input.index]),
      integers([output.index]),
      offsets(operators),
    ];
    builder.startObject(5);
    lists.forEach((list, i) => builder.addFieldOffset(i, list, 0));
    const subgraph = builder.endObject();
    const [codeList, subgraphs, bufferList] = [
      offsets(codes),
      offsets([subgraph]),
      offsets(buffers),
    ];
    builder.startObject(8);
    builder.addFieldInt32(0, SCHEMA_VERSION, 0);
    builder.addFieldOffset(1, codeList, 0);
    builder.addFieldOffset(2, subgraphs, 0);
    builder.addFieldOffset(4, bufferList, 0);
    builder.finish(builder.endObject(), 'TFL3');
    return builder.asUint8Array();
  }

  /** @returns {Value} */
  #tensor(shape, type, buffer) {
    this.#tensors.push({ shape, type, buffer });
    return { index: this.#tensors.length - 1, shape };
  }

  /** @returns {Value} */
  #stored(shape, type, { buffer }) {
    this.#buffers.push(new Uint8Array(buffer));
    return this.#tensor(shape, type, this.#buffers.length - 1);
  }
}
