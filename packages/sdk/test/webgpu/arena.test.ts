import { describe, expect, it } from 'vitest';
import { DEFAULT_NETWORK } from '../../src/network/index.js';
import { planArena, type Value } from '../../src/webgpu/arena.js';
import { valueUses } from '../../src/webgpu/plan.js';
import { planOf } from './support/planned.js';

const value = (label: string, bytes = 256): Value => ({ label, bytes });

describe('the arena', () => {
  const uses = valueUses(planOf(DEFAULT_NETWORK));
  it('keeps values apart that are needed at the same time', () => {
    const { places } = planArena(uses);
    const born = new Map<Value, number>();
    const last = new Map<Value, number>();
    uses.forEach(({ reads, writes }, step) => {
      for (const one of writes) born.set(one, step);
      for (const one of [...writes, ...reads]) last.set(one, step);
    });
    const all = [...places.keys()];
    for (const a of all) {
      for (const b of all) {
        if (a === b || last.get(a)! < born.get(b)! || last.get(b)! < born.get(a)!) continue;
        const [first, second] = [places.get(a)!, places.get(b)!];
        const areApart =
          first.buffer !== second.buffer ||
          first.offset + a.bytes <= second.offset ||
          second.offset + b.bytes <= first.offset;
        expect(areApart, `${a.label} and ${b.label}`).toBe(true);
      }
    }
  });

  it('never lets a step write to a buffer that it reads', () => {
    const { places } = planArena(uses);
    for (const { reads, writes } of uses) {
      const read = reads.map((one) => places.get(one)!.buffer);
      for (const one of writes) expect(read).not.toContain(places.get(one)!.buffer);
    }
  });

  it('uses memory again: a quarter of what all values take side by side', () => {
    const { bufferBytes, places } = planArena(uses);
    const total = (bytes: readonly number[]): number => bytes.reduce((sum, one) => sum + one);
    const sideBySide = total([...places.keys()].map(({ bytes }) => bytes));
    expect(total(bufferBytes)).toBeLessThan(sideBySide / 4);
  });

  it('aligns places to 256 bytes', () => {
    const [a, b] = [value('a', 100), value('b', 300)];
    const { places } = planArena([{ reads: [], writes: [a, b] }]);
    expect([places.get(a)!.offset, places.get(b)!.offset]).toEqual([0, 256]);
  });

  it('says so when a step reads from everywhere', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((label) => value(label));
    const steps = [
      { reads: [], writes: [a!] },
      { reads: [a!], writes: [b!] },
      { reads: [a!, b!], writes: [c!] },
      { reads: [a!, b!, c!], writes: [d!] },
    ];
    expect(() => planArena(steps)).toThrow(/all 3 buffers/);
  });
});
