import { expect, it } from 'vitest';
import { FrameBudget } from '../src/frame-budget.js';

/** Whether the budget is exceeded after each of the frames. */
function judge(times: readonly number[]): boolean[] {
  const budget = new FrameBudget(100);
  return times.map((ms) => budget.isExceededWith(ms));
}

it('FrameBudget judges no sooner than after 20 frames', () => {
  expect(judge(Array.from({ length: 20 }, () => 200))).toEqual([
    ...Array.from({ length: 19 }, () => false),
    true,
  ]);
});

it('FrameBudget lets single frames be slow', () => {
  expect(judge(Array.from({ length: 100 }, (_, i) => (i % 2 ? 5000 : 100)))).not.toContain(true);
});

it('FrameBudget forgets slow frames', () => {
  const times = [...Array.from({ length: 15 }, () => 500), ...Array.from({ length: 30 }, () => 50)];
  expect(judge(times).at(-1)).toBe(false);
});
