import type { ClassifiedFace, ClassifiedFrame } from '../../src/pipeline.js';
import { EMOTIONS, type Emotion } from '../../src/network/emotions.js';
import { faceAt } from './faces.js';

/** Probabilities of expressions; those that are not given share what is left. */
export type Shares = Partial<Record<Emotion, number>>;

/** Logits whose softmax with a temperature gives these probabilities. */
export function logitsOf(shares: Shares, temperature = 1): Float32Array {
  const given = Object.values(shares);
  const rest = (1 - given.reduce((a, b) => a + b, 0)) / (EMOTIONS.length - given.length);
  return Float32Array.from(EMOTIONS, (one) => Math.log(shares[one] ?? rest) * temperature);
}

/** A face as it comes from the network. */
export function classified(shares: Shares, { id = 1, temperature = 1 } = {}): ClassifiedFace {
  return { id, ...faceAt(100 * id, 100), logits: logitsOf(shares, temperature) };
}

/** A frame with these faces. */
export function frameOf(faces: readonly ClassifiedFace[], timestampMs: number): ClassifiedFrame {
  return {
    faces,
    timestampMs,
    timings: { detectMs: 1, cropMs: 0, networkMs: 2, readbackMs: 0, totalMs: 3 },
    frame: { width: 640, height: 480 },
  };
}
