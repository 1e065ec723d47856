import { sizeOf } from 'emotion-cam/network';
import {
  ATTRIBUTE_TYPES,
  DATA_TYPES,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.js';

/** The name of a value in the graph. */
export type Value = string;

/** An attribute of an operator; all that we need are whole numbers or lists of them. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** A dimension that the caller of the network may choose, by its name. */
export type Dimensions = readonly (number | string)[];

/** Little-endian bytes, whatever this machine's order is. */
function floatBytes(values: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  let at = 0;
  for (const value of values) at = bytes.writeFloatLE(value, at);
  return bytes;
}

/** Collects nodes and constants; every operation gives the name of its result. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];

  /**
   * Adds an operator with one result.
   *
   * @param name - of the node and of its result
   */
  op(name: Value, type: string, input: readonly Value[], attributes: Attributes = {}): Value {
    const attribute = Object.entries(attributes).map(([key, value]): AttributeProto =>
      typeof value === 'number'
        ? { name: key, type: ATTRIBUTE_TYPES.int, i: value }
        : { name: key, type: ATTRIBUTE_TYPES.ints, ints: value },
    );
    this.#nodes.push({ name, op_type: type, input, output: [name], attribute });
    return name;
  }

  /** Adds float32 values; `shape` [] is one number. */
  floats(name: Value, shape: readonly number[], values: Float32Array): Value {
    if (values.length !== sizeOf(shape)) {
      throw new RangeError(`"${name}": ${values.length} values for [${shape.join(',')}].`);
    }
    return this.#constant(name, shape, DATA_TYPES.float, floatBytes(values));
  }

  /** Adds one float32 number. */
  float(name: Value, value: number): Value {
    return this.floats(name, [], Float32Array.of(value));
  }

  /** Adds a list of whole numbers: a shape, axes. */
  integers(name: Value, values: readonly number[]): Value {
    const bytes = Buffer.alloc(values.length * 8);
    values.forEach((value, i) => bytes.writeBigInt64LE(BigInt(value), i * 8));
    return this.#constant(name, [values.length], DATA_TYPES.int64, bytes);
  }

  #constant(name: Value, dims: readonly number[], dataType: number, raw: Uint8Array): Value {
    if (!this.#constants.some((constant) => constant.name === name)) {
      this.#constants.push({ name, dims, data_type: dataType, raw_data: raw });
    }
    return name;
  }

  /** The whole graph. */
  build(
    name: string,
    input: readonly [Value, Dimensions],
    output: readonly [Value, Dimensions],
  ): GraphProto {
    return {
      name,
      node: this.#nodes,
      initializer: this.#constants,
      input: [describe(...input)],
      output: [describe(...output)],
    };
  }
}

function describe(name: Value, dimensions: Dimensions): ValueInfoProto {
  const dim = dimensions.map((size) =>
    typeof size === 'number' ? { dim_value: size } : { dim_param: size },
  );
  return { name, type: { tensor_type: { elem_type: DATA_TYPES.float, shape: { dim } } } };
}
