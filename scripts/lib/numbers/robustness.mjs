import { MODELS, manifestOf } from './models.mjs';
import { percent, table } from './table.mjs';

/** What the trainer calls them (`packages/trainer/src/perturbations.ts`), in words. */
const CHANGES = {
  blur: 'blurred (2 % of the side)',
  'jpeg-30': 'JPEG of quality 30',
  brighter: '40 % brighter',
  darker: '40 % darker',
  'roll-left': 'rolled 20 degrees to the left',
  'roll-right': 'rolled 20 degrees to the right',
  'half-size': 'half as many pixels a side',
  'covered-mouth': 'mouth covered',
  'covered-eyes': 'eyes covered',
};

/** What is left of the accuracy when every image is changed. */
export function robustness() {
  const models = Object.keys(MODELS);
  const measured = models.map((model) => manifestOf(model).metrics.robustness);
  const rows = measured[0].rows.map(({ perturbation }) => [
    CHANGES[perturbation] ?? perturbation,
    ...measured.map(({ rows: changes }) =>
      percent(changes.find((row) => row.perturbation === perturbation).accuracy),
    ),
  ]);
  const unchanged = ['as it is', ...measured.map(({ accuracy }) => percent(accuracy))];
  return `Overall accuracy on the same images after a change of each; faces are not aligned again after it:

${table([['change', ...models.map((model) => `\`${model}\``)], unchanged, ...rows])}`;
}
