import type { DatasetName } from '../datasets/dataset.js';
import { RECIPES, type Recipe } from '../recipes.js';

/** Ready-made configurations of an experiment; the set that is measured becomes the stages' set. */
export const PRESET_NAMES = ['smoke', 'fine-tune', 'paper'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export const PRESETS: Readonly<Record<PresetName, Recipe>> = {
  smoke: {
    about: 'a quarter as wide, 48 pixels: minutes on two cores',
    overrides: { network: { width: 16 }, batchSize: 16 },
    stages: [
      {
        imageSize: 48,
        epochs: 6,
        learningRate: 3e-3,
        schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
      },
    ],
  },
  'fine-tune': {
    about: 'the whole network at 64 pixels from --init',
    overrides: { losses: { labelSmoothing: 0.1 } },
    stages: [
      {
        imageSize: 64,
        epochs: 15,
        learningRate: 3e-4,
        schedule: { kind: 'one-cycle', warmUpShare: 0.2 },
      },
    ],
  },
  paper: RECIPES.paper,
};

/** The overrides of a preset for a set. */
export function presetOverrides(name: PresetName, dataset: DatasetName): Record<string, unknown> {
  const { overrides, stages } = PRESETS[name];
  return { ...overrides, stages: stages.map((stage) => ({ ...stage, dataset })) };
}
