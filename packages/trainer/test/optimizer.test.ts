import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../src/config.js';
import { adamUpdate, type OptimizerState } from '../src/optimizer.js';
import { createRng } from '../src/rng.js';

const ADAM = DEFAULT_CONFIG.optimizer;

/** Fresh moments, no decay. */
function stateOf(parameters: number[], ...gradients: number[][]): OptimizerState {
  return {
    parameters: Float32Array.from(parameters),
    moment1: new Float32Array(parameters.length),
    moment2: new Float32Array(parameters.length),
    gradients: gradients.map((gradient) => Float32Array.from(gradient)),
    decay: new Float32Array(parameters.length),
  };
}

const whole = (state: OptimizerState, step: number, learningRate: number): void =>
  adamUpdate(state, ADAM, {
    step,
    learningRate,
    averageDecay: 0,
    from: 0,
    to: state.parameters.length,
  });

describe('adamUpdate', () => {
  it("takes the same ten steps as TensorFlow.js' Adam", async () => {
    await tf.setBackend('cpu');
    const rng = createRng(1);
    const start = Array.from({ length: 8 }, () => rng.normal());
    const goal = Array.from({ length: 8 }, () => rng.normal());
    const optimizer = tf.train.adam(0.05, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
    const variable = tf.variable(tf.tensor1d(start));
    const state = stateOf(start, new Array<number>(8).fill(0));
    for (let step = 1; step <= 10; step++) {
      optimizer.minimize(
        () => tf.sum<tf.Scalar>(tf.square(tf.sub(variable, tf.tensor1d(goal)))),
        false,
        [variable],
      );
      state.gradients[0]!.set(state.parameters.map((value, i) => 2 * (value - goal[i]!)));
      whole(state, step, 0.05);
      const theirs = variable.dataSync();
      state.parameters.forEach((value, i) => expect(value).toBeCloseTo(theirs[i]!, 5));
    }
    expect(Math.abs(state.parameters[0]! - start[0]!)).toBeGreaterThan(0.1);
  });

  it('shrinks a parameter by learning rate times decay, apart from the moments', () => {
    // No gradient: p = 2 - 0.1 * (0 + 0.5 * 2) = 1.9, then 1.9 - 0.1 * 0.5 * 1.9 = 1.805.
    const state = { ...stateOf([2, 2], [0, 0]), decay: Float32Array.of(0.5, 0) };
    whole(state, 1, 0.1);
    expect(state.parameters[0]).toBeCloseTo(1.9, 6);
    whole(state, 2, 0.1);
    expect(state.parameters[0]).toBeCloseTo(1.805, 6);
    expect(state.parameters[1]).toBe(2);
    expect([...state.moment1, ...state.moment2]).toEqual([0, 0, 0, 0]);
  });

  it('moves by the learning rate at the first step, plus the decay', () => {
    // The corrected moments of the first step are g and g^2, so the direction is g / |g| = -1:
    // p = 3 - 0.01 * (-1 + 0.2 * 3) = 3.004.
    const state = { ...stateOf([3], [-7]), decay: Float32Array.of(0.2) };
    whole(state, 1, 0.01);
    expect(state.parameters[0]).toBeCloseTo(3.004, 6);
  });

  it('applies the mean of the gradients of all workers', () => {
    const several = stateOf([1, 1], [3, -1], [1, -2], [2, -6]);
    const single = stateOf([1, 1], [2, -3]);
    for (const state of [several, single]) whole(state, 1, 0.1);
    expect(several.parameters).toEqual(single.parameters);
    expect(several.moment1).toEqual(single.moment1);
    expect(several.moment1[0]).toBeCloseTo(0.2, 6); // (1 - 0.9) * 2
  });

  it('lets the average follow the new parameters', () => {
    // p = 1 - 0.1 = 0.9 as above; the average keeps 3/4 of itself: 0.75 * 5 + 0.25 * 0.9 = 3.975.
    const state = { ...stateOf([1], [2]), average: Float32Array.of(5) };
    adamUpdate(state, ADAM, { step: 1, learningRate: 0.1, averageDecay: 0.75, from: 0, to: 1 });
    expect(state.average[0]).toBeCloseTo(3.975, 5);
  });

  it('changes nothing outside its range, and ranges together are the whole', () => {
    const start = [1, 2, 3, 4, 5];
    const gradients = [
      [1, -2, 3, -4, 5],
      [2, 2, -2, -2, 2],
    ];
    const parts = stateOf(start, ...gradients);
    const first = { step: 1, learningRate: 0.1, averageDecay: 0 };
    adamUpdate(parts, ADAM, { ...first, from: 0, to: 2 });
    expect([...parts.parameters.subarray(2), ...parts.moment1.subarray(2)]).toEqual([
      3, 4, 5, 0, 0, 0,
    ]);
    adamUpdate(parts, ADAM, { ...first, from: 2, to: 5 });
    const together = stateOf(start, ...gradients);
    whole(together, 1, 0.1);
    expect(parts).toEqual(together);
  });
});
