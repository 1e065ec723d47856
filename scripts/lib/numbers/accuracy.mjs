import { MODELS, manifestOf, megabytes } from './models.mjs';
import { percent, table } from './table.mjs';

const MEASURES = ['overall', 'mean class', 'macro F1'];

/** @param {any} measured */
const measures = ({ accuracy, meanClassAccuracy, macroF1 }) => [
  percent(accuracy),
  percent(meanClassAccuracy),
  macroF1.toFixed(3),
];

/** The weights that a page loads, on the split that was used for nothing else. */
export function accuracyInShort() {
  const models = Object.keys(MODELS).map(manifestOf);
  const rows = models.map(({ name, input, variants, defaultVariant, metrics }) => [
    `\`${name}\``,
    `${input.size}x${input.size}`,
    megabytes(variants[defaultVariant]),
    ...measures(metrics.confirmation),
  ]);
  const { dataset, split, count } = models[0].metrics.confirmation;
  return `On ${count} photographs of ${dataset} that were used for nothing else (\`${split}\`):

${table([['model', 'face crop', 'download', ...MEASURES], ...rows])}`;
}

/** Recall, precision and F1 of every expression, and what it is taken for most often. */
export function accuracyByClass() {
  const parts = Object.keys(MODELS).map((model) => {
    const { count, split, labels, confusionMatrix, perClass } =
      manifestOf(model).metrics.confirmation;
    const rows = perClass.map(({ label, recall, precision, f1, support }, i) => {
      const others = confusionMatrix[i].map((images, j) => (j === i ? -1 : images));
      const most = Math.max(...others);
      return [
        label,
        String(support),
        percent(recall),
        percent(precision),
        f1.toFixed(3),
        `${labels[others.indexOf(most)]}, ${percent(most / support)}`,
      ];
    });
    const head = ['expression', 'images', 'recall', 'precision', 'F1', 'most often taken for'];
    return `By expression, \`${model}\` as a page loads it, on the ${count} images of \`${split}\`:

${table([head, ...rows])}`;
  });
  return parts.join('\n\n');
}

/** Accuracy of each model in every stored precision, as its manifest has it. */
export function accuracyOfVariants() {
  const parts = Object.keys(MODELS).map((model) => {
    const { metrics, variants, defaultVariant } = manifestOf(model);
    const measured = ['float32', 'float16', 'uint8'].map((name) => [name, metrics[name]]);
    measured.push([defaultVariant, metrics.confirmation]);
    const rows = measured.map(([name, result]) => [
      name === defaultVariant ? `${name} (default)` : name,
      name in variants ? megabytes(variants[name]) : '-',
      result.split,
      ...measures(result),
    ]);
    const { dataset, count, imageSize } = metrics.float32;
    return `\`models/${model}\` on ${dataset} (${count} images a split), at ${imageSize}x${imageSize}:

${table([['weights', 'download', 'split', ...MEASURES], ...rows])}`;
  });
  return parts.join('\n\n');
}
