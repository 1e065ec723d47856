import { parameterCount, type ModelManifest } from 'emotion-cam/network';
import { pastStages, type Ancestor } from '../checkpoint.js';
import { datasetsOf } from '../config.js';
import type { Metrics } from '../metrics.js';
import { PERTURBATION_NAMES } from '../perturbations.js';
import { percent } from '../percent.js';
import type { ModelMeasurements } from './measure-model.js';
import { originsOf } from '../origins.js';

/** What the card says besides the manifest. */
export interface ModelCardFacts {
  readonly manifest: ModelManifest;
  /** All that the weights went through, oldest first. */
  readonly runs: readonly Ancestor[];
  /** Missing where the export measured nothing. */
  readonly measured: ModelMeasurements | undefined;
  readonly command: string;
  /** A sentence on the time of all runs, where it is known. */
  readonly compute?: string | undefined;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function perClass({ perClass: classes }: Metrics): string {
  return table(
    ['expression', 'images', 'recall', 'precision', 'F1'],
    classes.map(({ label, support, recall, precision, f1 }) => [
      label,
      String(support),
      percent(recall),
      percent(precision),
      f1.toFixed(3),
    ]),
  );
}

/** What is most often taken for what, by the share of the class that it happens to. */
function failures({ labels, confusionMatrix, perClass: classes }: Metrics): string {
  const confusions = confusionMatrix.flatMap((row, truth) =>
    row.map((count, predicted) => ({
      truth: labels[truth]!,
      predicted: labels[predicted]!,
      isWrong: truth !== predicted,
      count,
      rate: count / Math.max(1, classes[truth]!.support),
    })),
  );
  return confusions
    .filter(({ isWrong, count }) => isWrong && count > 0)
    .sort((a, b) => b.rate - a.rate)
    .slice(0, FAILURES)
    .map(
      ({ truth, predicted, rate, count }) =>
        `- ${truth} is taken for ${predicted} in ${percent(rate)} of its images (${count}).`,
    )
    .join('\n');
}

/** Confusions that the card names. */
const FAILURES = 5;

function results(measured: ModelMeasurements | undefined): string {
  if (!measured) return 'Not measured at export.';
  const { variants, defaultVariant, confirmation, calibration, robustness } = measured;
  const chosen = variants[defaultVariant];
  const { dataset, split, count } = chosen;
  const figures = Object.entries(variants).map(([name, evaluation]) => [
    name === defaultVariant ? `${name} (default)` : name,
    split,
    percent(evaluation.accuracy),
    percent(evaluation.meanClassAccuracy),
    evaluation.macroF1.toFixed(3),
  ]);
  const confirmed = confirmation && [
    `${defaultVariant} (default)`,
    confirmation.split,
    percent(confirmation.accuracy),
    percent(confirmation.meanClassAccuracy),
    confirmation.macroF1.toFixed(3),
  ];
  const detailed = confirmation ?? chosen;
  const about = confirmation
    ? `"${split}" (${count} images) chose the epoch, the default variant and the temperature;
"${confirmation.split}" (${confirmation.count} images) was used for nothing before.`
    : `"${split}" (${count} images) chose the epoch, so these numbers lean to the hopeful side.`;
  return `Each image of ${dataset} as the canonical crop, without the face detector. ${about}

${table(
  ['weights', 'split', 'overall', 'mean class', 'macro F1'],
  confirmed ? [...figures, confirmed] : figures,
)}

By class, ${defaultVariant} on "${detailed.split}":

${perClass(detailed)}

### Known failures

${failures(detailed)}

### Calibration

The logits are divided by ${calibration.temperature} (fitted on "${calibration.fittedOn}"). Expected calibration error on
"${calibration.measuredOn}": ${calibration.expectedCalibrationErrorBefore.toFixed(4)} before, ${calibration.expectedCalibrationErrorAfter.toFixed(4)} after.

### Robustness

Accuracy on "${robustness.split}" after a change of every image; unchanged it is ${percent(robustness.accuracy)}. The face is not
aligned again after the change; the SDK's crop turns a rolled face upright before the network sees it.

${table(
  ['change', 'overall', 'lost', 'mean class'],
  robustness.rows.map((row) => [
    PERTURBATION_NAMES[row.perturbation],
    percent(row.accuracy),
    `${(100 * row.drop).toFixed(1)} points`,
    percent(row.meanClassAccuracy),
  ]),
)}`;
}

/** The teachers' data, which the weights never saw themselves. */
function taughtBy(runs: readonly Ancestor[]): string {
  const teachers = runs.flatMap((run) => ('config' in run ? (run.teacher ?? []) : []));
  if (teachers.length === 0) return '';
  const sets = originsOf(teachers).map(({ name }) => name);
  return `Also learnt from the answers of another network, itself made from ${sets.join(', ')}.\n\n`;
}

/** The model card as Markdown: data, terms, uses, results, limits, how to make it again. */
export function modelCard({ manifest, runs, measured, command, compute }: ModelCardFacts): string {
  const stages = runs.flatMap(pastStages);
  const { network } = manifest;
  return `# ${manifest.name}

Written by \`npm run trainer -- export\`; edit \`packages/trainer/src/export/model-card.ts\` instead.

FDRL-ECANet: ResNet-18 with efficient channel attention, feature decomposition and reconstruction
(M = ${network.latentFeatures}, D = ${network.latentWidth}; ${network.width} channels in the first stage, blocks ${network.blocks.join('-')},
${(parameterCount(network) / 1e6).toFixed(2)} million parameters), seven facial expressions: ${manifest.labels.join(', ')}.
Input: a face crop of ${manifest.input.size}x${manifest.input.size} pixels, eyes where the manifest says.

## Intended use

Showing or studying the facial expression that is visible in a picture, with the person's knowledge:
interfaces, games, accessibility, research. The output names an expression, not what a person feels.

## Out of scope

Inferring emotions at work or in education (forbidden in the EU: AI Act, Art. 5(1)(f)), decisions about
people (hiring, credit, policing, health), covert use, children without their guardians' consent.

## Data and terms

${table(
  ['origin', 'terms'],
  originsOf(runs).map(({ name, terms }) => [name, terms]),
)}

Terms of these weights: ${manifest.terms}

## Training

${table(
  ['stage', 'data', 'image side', 'epochs', 'learning rate', 'seed'],
  stages.map((stage, index) => [
    String(index + 1),
    datasetsOf([stage]).join(' + '),
    `${stage.imageSize} px`,
    `${stage.epochsDone} of ${stage.epochs}`,
    `${stage.learningRate} (${stage.schedule.kind})`,
    String(stage.seed),
  ]),
)}

${taughtBy(runs)}${compute ? `${compute}\n\n` : ''}The resolved configurations stand in \`manifest.json\` under \`training\`.
Exported by: \`${command}\`

## Results

${results(measured)}

## Known limits

- Trained on photographs from the web, most of them posed or strongly expressed, labelled by crowds:
  the labels name what annotators saw. Rare classes are recognised worst.
- Groups are not equally represented in the sets; no per-group figures have been measured.
- Profile faces, several faces on one crop and low light have not been measured.
- Softmax scores are ${manifest.temperature === 1 ? 'not calibrated' : 'calibrated for images like those above, not for other cameras'}.
`;
}
