import type { TrainingConfig } from './config.js';
import { percent } from './percent.js';
import type { ChosenEpoch } from './results.js';
import type { EpochRecord } from './train.js';

/**
 * By which figure of the validation split a stage's epoch is chosen; `blend` is the mean of the
 * accuracy and the mean-class accuracy.
 */
export const SELECTIONS = ['accuracy', 'mean-class-accuracy', 'blend'] as const;
export type SelectBy = (typeof SELECTIONS)[number];

/** The figure in words. */
const FIGURES: Readonly<Record<SelectBy, string>> = {
  accuracy: 'accuracy',
  'mean-class-accuracy': 'mean-class accuracy',
  blend: 'mean of accuracy and mean-class accuracy',
};

function figureOf(record: EpochRecord, selectBy: SelectBy): number {
  const { validationAccuracy: all, validationMeanClassAccuracy: classes } = record;
  return { accuracy: all, 'mean-class-accuracy': classes, blend: (all + classes) / 2 }[selectBy];
}

/** The best epoch of a stage; the last stage's is the run's result. The first of equal ones. */
export function bestOfStage(
  history: readonly EpochRecord[],
  stage: number,
  selectBy: SelectBy,
): EpochRecord | undefined {
  const [first, ...others] = history.filter((record) => record.stage === stage);
  return others.reduce(
    (best, record) =>
      best && figureOf(record, selectBy) > figureOf(best, selectBy) ? record : best,
    first,
  );
}

/** Which epoch the best checkpoint holds, and on which figure it was chosen. */
export function chosenEpoch(
  record: EpochRecord,
  history: readonly EpochRecord[],
  { fold, selectBy }: TrainingConfig,
): ChosenEpoch {
  const { stage, epoch, dataset } = record;
  const epochs = history.filter((each) => each.stage === stage).length;
  const isOfFold = fold?.dataset === dataset;
  const isOptimistic = isOfFold && fold.select === 'test';
  const part = isOptimistic ? 'measured fold' : isOfFold ? 'validation fold' : 'validation split';
  return {
    stage,
    epoch,
    reason:
      `Highest ${FIGURES[selectBy]} on the ${part} of ${dataset} ` +
      `(${percent(figureOf(record, selectBy), 2)}) ` +
      `of the ${epochs} epoch(s) of the last stage; the first of equal ones.` +
      (isOptimistic ? ' Optimistic: these are the images that the result is measured on.' : ''),
  };
}
