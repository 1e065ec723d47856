import { describe, expect, it } from 'vitest';
import { BaselineMeasurement, checkBaseline, type Baseline } from '../src/baseline.js';
import { ExpressionReader } from '../src/expression-reader.js';
import { EMOTIONS } from '../src/network/emotions.js';
import type { RecognitionResult } from '../src/reading.js';
import { resolveOptions } from '../src/recognizer-options.js';
import { failureOf } from './support/failure.js';
import { classified, frameOf, type Shares } from './support/readings.js';

const MODEL = { labels: EMOTIONS, temperature: 2 };

/** The result of a frame with one face, or with none. */
function result(shares: Shares | undefined, timestampMs: number, id = 1): RecognitionResult {
  const faces = shares ? [classified(shares, { id, temperature: MODEL.temperature })] : [];
  return new ExpressionReader(MODEL, resolveOptions({})).read(frameOf(faces, timestampMs));
}

/** The baseline of ten frames of a face that looks like this at rest. */
function baselineOf(shares: Shares): Baseline {
  const measurement = new BaselineMeasurement(900, MODEL);
  for (let i = 0; i < 10; i++) measurement.add(result(shares, i * 100));
  return measurement.finish();
}

describe('BaselineMeasurement', () => {
  it('takes so long on the clock of the frames, from the first on', () => {
    const measurement = new BaselineMeasurement(200, MODEL);
    const isDone = [5000, 5100, 5199, 5200].map((ms) =>
      measurement.add(result({ neutral: 1 / 2 }, ms)),
    );
    expect(isDone).toEqual([false, false, false, true]);
  });

  it('takes nothing off a face that looks neutral at rest', () => {
    expect(Object.values(baselineOf({ neutral: 0.94 }))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('takes off what makes a face at rest look like anything else', () => {
    const baseline = baselineOf({ sadness: 0.5, neutral: 0.4 });
    // Neutral ten times as likely: from 0.5 to 0.04
    expect(baseline.sadness).toBeCloseTo(Math.log(0.5 / 0.04), 4);
    expect(baseline.neutral).toBe(0);
    expect(baseline.happiness).toBe(0); // 0.02 is little enough
    const read = new ExpressionReader(MODEL, resolveOptions({}));
    read.baseline = baseline;
    const face = classified({ sadness: 0.5, neutral: 0.4 }, { temperature: MODEL.temperature });
    const { calibratedScores, emotion } = read.read(frameOf([face], 0)).faces[0]!;
    expect(emotion).toBe('neutral');
    expect(calibratedScores.neutral / calibratedScores.sadness).toBeCloseTo(10, 4);
  });

  it('never takes off more than a factor of 20, so that a smile during it does no harm', () => {
    expect(baselineOf({ happiness: 0.99 }).happiness).toBeCloseTo(Math.log(20), 6);
  });

  it('averages over the frames', () => {
    const measurement = new BaselineMeasurement(1000, MODEL);
    for (let i = 0; i < 10; i++) {
      measurement.add(result({ neutral: 0.4, sadness: i % 2 ? 0.1 : 0.4 }, i));
    }
    // The geometric mean of 0.1 and 0.4 is 0.2
    expect(measurement.finish().sadness).toBeCloseTo(Math.log(0.2 / 0.04), 4);
  });

  it('fails without a face', () => {
    const measurement = new BaselineMeasurement(1000, MODEL);
    for (let i = 0; i < 10; i++) measurement.add(result(i < 4 ? { neutral: 0.9 } : undefined, i));
    const error = failureOf(() => measurement.finish());
    expect(error.code).toBe('calibration-failed');
    expect(error.message).toContain('seen in 4 frames');
  });

  it('fails when the face in front becomes another', () => {
    const measurement = new BaselineMeasurement(1000, MODEL);
    for (let i = 0; i < 10; i++) measurement.add(result({ neutral: 0.9 }, i, i < 5 ? 1 : 2));
    expect(failureOf(() => measurement.finish()).message).toMatch(/changed.*one person/);
  });
});

describe('checkBaseline', () => {
  it('takes what a measurement gives, and the same from JSON', () => {
    const baseline = baselineOf({ anger: 0.5, neutral: 0.4 });
    checkBaseline(baseline);
    checkBaseline(JSON.parse(JSON.stringify(baseline)) as Baseline);
  });

  it.each([
    ['a missing expression', { fear: undefined }],
    ['a negative number', { fear: -1 }],
    ['NaN', { fear: NaN }],
    ['infinity', { fear: Infinity }],
  ])('refuses %s', (_, wrong) => {
    const baseline = { ...baselineOf({ neutral: 0.9 }), ...wrong } as unknown as Baseline;
    const error = failureOf(() => checkBaseline(baseline));
    expect(error.code).toBe('option-invalid');
    expect(error.message).toContain('for fear');
  });
});
