import { describe, expect, it } from 'vitest';
import { fitTemperature } from '../src/calibration.js';
import { meanCrossEntropy, softmaxRows } from '../src/probabilities.js';
import { createRng } from '../src/rng.js';

const CLASSES = 7;

/** Logits, and labels drawn from softmax(logits / temperature). */
function drawn(count: number, temperature: number): { logits: number[]; labels: number[] } {
  const rng = createRng(3);
  const logits = Array.from({ length: count * CLASSES }, () => 3 * rng.normal());
  const probabilities = softmaxRows(logits, CLASSES, temperature);
  const labels = Array.from({ length: count }, (_, row) => {
    let left = rng.uniform();
    for (let k = 0; k < CLASSES - 1; k++) {
      left -= probabilities[row * CLASSES + k]!;
      if (left < 0) return k;
    }
    return CLASSES - 1;
  });
  return { logits, labels };
}

describe('fitTemperature', () => {
  it.each([0.5, 1, 2.5])('finds the temperature %d that the labels were drawn with', (truth) => {
    const { logits, labels } = drawn(8000, truth);
    expect(fitTemperature(logits, labels, CLASSES) / truth).toBeCloseTo(1, 1);
  });

  it('gives the least cross entropy of all temperatures', () => {
    const { logits, labels } = drawn(300, 1.7);
    const fitted = fitTemperature(logits, labels, CLASSES);
    const loss = (t: number): number => meanCrossEntropy(logits, labels, CLASSES, t);
    for (const factor of [0.5, 0.9, 1.1, 2]) {
      expect(loss(fitted)).toBeLessThan(loss(fitted * factor));
    }
  });

  it('stays within its bounds where a network is always right', () => {
    const logits = [1, 0, 0, 0, 0, 0, 0];
    expect(fitTemperature(logits, [0], CLASSES)).toBeCloseTo(0.1, 3);
  });
});
