import { describe, expect, it } from 'vitest';
import { toRange } from '../../cli/file-server.js';

describe('toRange', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-200', { start: 90, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=20-10', 'unsatisfiable'],
    ['bytes=-5', undefined], // allowed to be answered with the whole
  ])('reads %j of a file of 100 bytes', (header, expected) => {
    expect(toRange(header, 100)).toEqual(expected);
  });

  it('knows that an empty file has no first byte', () => {
    expect(toRange('bytes=0-0', 0)).toBe('unsatisfiable');
  });
});
