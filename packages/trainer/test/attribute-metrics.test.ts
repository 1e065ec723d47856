import { expect, it } from 'vitest';
import { multiLabelMetrics } from '../src/attribute-metrics.js';

/** Four images, two attributes. */
const TARGETS = Float32Array.from([1, 0, 1, 0, 1, 0, 0, 0]);
/** The first attribute: yes, yes, no, yes; the second: no, no, no, yes. */
const LOGITS = Float32Array.from([2, -1, 1, -1, -1, -1, 3, 1]);

it('attributes are counted one by one, and with and without them apart', () => {
  const metrics = multiLabelMetrics(LOGITS, TARGETS, ['a', 'b']);
  expect(metrics.count).toBe(4);
  expect(metrics.attributes).toEqual([
    // with: 2 of 3 right; without: 0 of 1
    { label: 'a', share: 0.75, accuracy: 0.5, balancedAccuracy: (2 / 3 + 0) / 2 },
    // no image has it: 3 of 4 right without
    { label: 'b', share: 0, accuracy: 0.75, balancedAccuracy: 0.75 },
  ]);
  expect(metrics.accuracy).toBe((0.5 + 0.75) / 2);
  expect(metrics.balancedAccuracy).toBeCloseTo((1 / 3 + 0.75) / 2, 12);
});

it('the loss is the mean of -log of what the target has', () => {
  const share = (logit: number): number => 1 / (1 + Math.exp(-logit));
  const sum = LOGITS.reduce((total, logit, i) => {
    return total - Math.log(TARGETS[i] === 1 ? share(logit) : 1 - share(logit));
  }, 0);
  expect(multiLabelMetrics(LOGITS, TARGETS, ['a', 'b']).loss).toBeCloseTo(sum / 8, 12);
});

it('lengths that do not fit are refused', () => {
  expect(() => multiLabelMetrics(LOGITS, TARGETS, ['a', 'b', 'c'])).toThrow(RangeError);
  expect(() => multiLabelMetrics(LOGITS.subarray(2), TARGETS, ['a', 'b'])).toThrow(RangeError);
  const none = new Float32Array(0);
  expect(() => multiLabelMetrics(none, none, ['a'])).toThrow(RangeError);
});
