import { describe, expect, it } from 'vitest';
import { ExpressionReader } from '../src/expression-reader.js';
import { EMOTIONS } from '../src/network/emotions.js';
import type { FaceReading } from '../src/reading.js';
import { resolveOptions, type RecognizerOptions } from '../src/recognizer-options.js';
import { classified, frameOf, type Shares } from './support/readings.js';

const TEMPERATURE = 2;

function reader(options: RecognizerOptions = {}): ExpressionReader {
  return new ExpressionReader(
    { labels: EMOTIONS, temperature: TEMPERATURE },
    resolveOptions(options),
  );
}

/** The reading of one face that looks like this. */
function read(target: ExpressionReader, shares: Shares, timestampMs: number, id = 1): FaceReading {
  const face = classified(shares, { id, temperature: TEMPERATURE });
  return target.read(frameOf([face], timestampMs)).faces[0]!;
}

describe('ExpressionReader', () => {
  it('hands on what it does not read', () => {
    const frame = frameOf([classified({ fear: 0.9 }), classified({ anger: 0.9 }, { id: 2 })], 12);
    const { faces, ...rest } = reader().read(frame);
    expect(rest).toEqual({
      timestampMs: 12,
      timings: { detectMs: 1, cropMs: 0, networkMs: 2, readbackMs: 0, totalMs: 3 },
      frame: { width: 640, height: 480 },
    });
    expect(faces.map(({ id, emotion }) => [id, emotion])).toEqual([
      [1, 'fear'],
      [2, 'anger'],
    ]);
    expect(faces[0]).toMatchObject({ detectionScore: 0.9, rollDegrees: 0 });
    expect(faces[0]!.logits).toBe(frame.faces[0]!.logits);
  });

  it('gives raw, calibrated and smoothed scores', () => {
    const target = reader();
    read(target, { happiness: 0.1 }, 0);
    const { rawScores, calibratedScores, scores } = read(target, { happiness: 0.6 }, 300);
    expect(calibratedScores.happiness).toBeCloseTo(0.6, 6);
    // Logits of temperature 2: the raw softmax squares the ratios, 0.6² / (0.6² + 6 (0.4/6)²)
    expect(rawScores.happiness).toBeCloseTo(0.36 / (0.36 + 6 * (0.4 / 6) ** 2), 6);
    // After one time constant 1 - 1/e of the step from 0.1 to 0.6
    expect(scores.happiness).toBeCloseTo(0.1 + 0.5 * (1 - Math.exp(-1)), 6);
    for (const one of [rawScores, calibratedScores, scores]) {
      expect(Object.keys(one)).toEqual([...EMOTIONS]);
      expect(Object.values(one).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
  });

  describe('smoothing', () => {
    it('does not depend on the frame rate', () => {
      const after = (framesASecond: number): number => {
        const target = reader();
        read(target, { neutral: 0.9 }, 0);
        let last = 0;
        for (let frame = 1; frame <= framesASecond / 2; frame++) {
          last = read(target, { fear: 0.9 }, (frame * 1000) / framesASecond).scores.fear;
        }
        return last;
      };
      expect(after(4)).toBeCloseTo(after(60), 6);
      expect(after(4)).toBeCloseTo(0.9 - (0.9 - 0.1 / 6) * Math.exp(-500 / 300), 6);
    });

    it('is slower with a longer time constant, and none with 0', () => {
      const after = (smoothingMs: number): number => {
        const target = reader({ smoothingMs });
        read(target, { neutral: 0.9 }, 0);
        return read(target, { fear: 0.9 }, 100).scores.fear;
      };
      expect(after(0)).toBeCloseTo(0.9, 6);
      expect(after(100)).toBeGreaterThan(after(1000));
    });

    it('is of each face by itself', () => {
      const target = reader();
      read(target, { neutral: 0.9 }, 0, 1);
      expect(read(target, { fear: 0.9 }, 30, 2).scores.fear).toBeCloseTo(0.9, 6);
    });

    it('goes on where a face was hidden for a moment, and starts anew for one that was gone', () => {
      const target = reader({ smoothingMs: 10_000 });
      read(target, { neutral: 0.9 }, 0);
      target.read(frameOf([], 500));
      expect(read(target, { fear: 0.9 }, 900).scores.fear).toBeLessThan(0.2);
      target.read(frameOf([], 2000)); // the tracker never gives this id again; it is forgotten
      expect(read(target, { fear: 0.9 }, 2001).scores.fear).toBeCloseTo(0.9, 6);
    });

    it('is none in image mode', () => {
      const target = reader({ mode: 'image' });
      read(target, { neutral: 0.9 }, 0);
      const face = read(target, { fear: 0.5, neutral: 0.45 }, 10);
      expect(face.scores.fear).toBeCloseTo(0.5, 6);
      expect(face.emotion).toBe('fear');
    });

    it('does not go back in time', () => {
      const target = reader();
      read(target, { neutral: 0.9 }, 100);
      expect(read(target, { fear: 0.9 }, 50).scores.neutral).toBeCloseTo(0.9, 6);
    });
  });

  describe('the shown expression', () => {
    it('is the highest score at first', () => {
      expect(read(reader(), { anger: 0.3, fear: 0.35 }, 0).emotion).toBe('fear');
    });

    it('stays while another leads by less than the margin, and changes when it leads by it', () => {
      const target = reader({ smoothingMs: 0 });
      const shown = [
        { anger: 0.5, fear: 0.4 },
        { anger: 0.42, fear: 0.5 }, // ahead by 0.08
        { anger: 0.5, fear: 0.4 },
        { anger: 0.39, fear: 0.5 }, // by 0.11
        { anger: 0.5, fear: 0.42 }, // behind by 0.08
      ].map((shares, i) => read(target, shares, i * 30).emotion);
      expect(shown).toEqual(['anger', 'anger', 'anger', 'fear', 'fear']);
    });

    it('follows every frame with no margin', () => {
      const target = reader({ smoothingMs: 0, switchMargin: 0 });
      read(target, { anger: 0.5, fear: 0.4 }, 0);
      expect(read(target, { anger: 0.44, fear: 0.45 }, 30).emotion).toBe('fear');
    });

    it('is uncertain below the confidence that is asked for', () => {
      expect(read(reader(), { fear: 0.49 }, 0).isUncertain).toBe(true);
      expect(read(reader(), { fear: 0.51 }, 0).isUncertain).toBe(false);
      expect(read(reader({ minConfidence: 0.9 }), { fear: 0.89 }, 0).isUncertain).toBe(true);
    });

    it('is uncertain by its smoothed score, not by that of one frame', () => {
      const target = reader();
      read(target, { fear: 0.9 }, 0);
      expect(read(target, { fear: 0.3 }, 30).isUncertain).toBe(false);
    });
  });

  it('takes the baseline off, from the next frame on, and leaves raw scores alone', () => {
    const target = reader({ smoothingMs: 0, switchMargin: 0 });
    const shares = { sadness: 0.6, neutral: 0.3 };
    const before = read(target, shares, 0);
    const nothing = Object.fromEntries(EMOTIONS.map((one) => [one, 0])) as FaceReading['scores'];
    target.baseline = { ...nothing, sadness: Math.log(4) };
    const after = read(target, shares, 30);
    // 0.6 / 4 = 0.15 against 0.3 and what is left: 0.15 / 0.55 and 0.3 / 0.55
    expect(before.emotion).toBe('sadness');
    expect(after.emotion).toBe('neutral');
    expect(after.calibratedScores.sadness).toBeCloseTo(0.15 / 0.55, 6);
    expect(after.calibratedScores.neutral).toBeCloseTo(0.3 / 0.55, 6);
    expect(after.rawScores).toEqual(before.rawScores);
    target.baseline = undefined;
    expect(read(target, shares, 60).calibratedScores).toEqual(before.calibratedScores);
  });
});
