import { pixelsOf, type Mixing } from '../mixing.js';
import type { Binding } from './kernel.js';

/** What changes from step to step, besides the batch. */
export interface StepSettings {
  readonly learningRate: number;
  /** Corrections of Adam's moments, 1 / (1 - beta^step). */
  readonly correction1: number;
  readonly correction2: number;
  /** What the average keeps of itself. */
  readonly averageDecay: number;
  /** Where the step's results go. */
  readonly row: number;
  readonly mixing: Mixing | null;
}

/** In WGSL. The own share of an image that is mixed with the next is another within a box, in pixels. */
export const SETTINGS = `
struct Settings {
  learningRate: f32, correction1: f32, correction2: f32, averageDecay: f32,
  row: u32, ownShare: f32, ownShareInBox: f32,
  left: u32, top: u32, right: u32, bottom: u32,
}
`;

export const SETTINGS_BYTES = 48;

/** How a kernel binds them. */
export const SETTINGS_BINDING: Binding = { name: 'settings', access: 'uniform', type: 'Settings' };

/** @param imageSize - S */
export function settingsBytes(settings: StepSettings, imageSize: number): ArrayBuffer {
  const { learningRate, correction1, correction2, averageDecay, row, mixing } = settings;
  const bytes = new ArrayBuffer(SETTINGS_BYTES);
  const floats = new Float32Array(bytes);
  const words = new Uint32Array(bytes);
  floats.set([learningRate, correction1, correction2, averageDecay]);
  words[4] = row;
  floats[5] = mixing?.kind === 'mix-up' ? mixing.lambda : 1;
  if (mixing?.kind === 'cut-mix') words.set(pixelsOf(mixing.box, imageSize), 7);
  return bytes;
}
