import { describe, expect, it } from 'vitest';
import { resolveOptions, type RecognizerOptions } from '../src/recognizer-options.js';
import { failureOf } from './support/failure.js';

describe('resolveOptions', () => {
  it('fills in defaults', () => {
    expect(resolveOptions({})).toEqual({
      model: 'auto',
      frameBudgetMs: 100,
      thread: 'auto',
      mode: 'video',
      maxFaces: 1,
      minDetectionConfidence: 0.5,
      detectionIntervalMs: 50,
      smoothingMs: 300,
      switchMargin: 0.1,
      minConfidence: 0.5,
    });
  });

  it('keeps what is given', () => {
    const given: RecognizerOptions = { mode: 'image', maxFaces: 4, backend: 'wasm' };
    expect(resolveOptions(given)).toMatchObject(given);
  });

  const wrong: [keyof RecognizerOptions, unknown][] = [
    ['mode', 'picture'],
    ['maxFaces', 0],
    ['maxFaces', 1.5],
    ['maxFaces', NaN],
    ['maxFaces', '2'],
    ['model', 5],
    ['frameBudgetMs', 0],
    ['thread', 'background'],
    ['minDetectionConfidence', -0.1],
    ['minDetectionConfidence', 1.1],
    ['minDetectionConfidence', NaN],
    ['detectionIntervalMs', NaN],
    ['smoothingMs', -1],
    ['smoothingMs', Infinity],
    ['switchMargin', 2],
    ['minConfidence', -0.5],
    ['minConfidence', '0.5'],
    ['backend', 5],
    ['onProgress', true],
    ['signal', Symbol('signal')],
  ];
  for (const [name, value] of wrong) {
    it(`refuses ${name} ${String(value)} and names it`, () => {
      const error = failureOf(() => resolveOptions({ [name]: value }));
      expect(error.code).toBe('option-invalid');
      expect(error.message).toContain(
        `${name} is ${typeof value === 'string' ? `"${value}"` : String(value)}`,
      );
    });
  }
});
