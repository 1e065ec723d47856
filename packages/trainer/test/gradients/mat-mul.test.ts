import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialiseBackend } from '../../src/backend.js';
import {
  expectSame,
  finiteDifferences,
  gradientsOf,
  randomValues,
  type TensorFunction,
  type Values,
} from '../support/gradients.js';

interface Product {
  readonly name: string;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly batch: readonly number[];
}

const PRODUCTS: readonly Product[] = [[], [2]].flatMap((batch) =>
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name: `${transposeA ? 'A^T' : 'A'} ${transposeB ? 'B^T' : 'B'} of rank ${batch.length + 2}`,
      transposeA,
      transposeB,
      batch,
    })),
  ),
);

const product =
  ({ transposeA, transposeB }: Product): TensorFunction =>
  (a, b) =>
    tf.matMul(a, b, transposeA, transposeB);

/** [3,4] and [4,5] as they enter the product. */
const inputs = ({ transposeA, transposeB, batch }: Product): Values[] => [
  randomValues([...batch, ...(transposeA ? [4, 3] : [3, 4])], 1),
  randomValues([...batch, ...(transposeB ? [5, 4] : [4, 5])], 2),
];

const builtInGradient = tf.getGradient('BatchMatMul');
const references = new Map<string, Values[]>();

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const each of PRODUCTS) references.set(each.name, gradientsOf(product(each), inputs(each)));
});

describe.each(['cpu', 'wasm'] as const)('the gradient of matrix products on %s', (backend) => {
  beforeAll(() => initialiseBackend(backend));

  it('is ours', () => {
    expect(tf.getGradient('BatchMatMul')).not.toBe(builtInGradient);
  });

  it.each(PRODUCTS)('is the built-in one: $name', (each) => {
    expectSame(gradientsOf(product(each), inputs(each)), references.get(each.name)!, 1e-5);
  });

  it.each(PRODUCTS)('is that of finite differences: $name', (each) => {
    const f = product(each);
    expectSame(gradientsOf(f, inputs(each)), finiteDifferences(f, inputs(each), 0.5), 1e-4);
  });
});
