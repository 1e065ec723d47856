import type { ModelManifest } from 'emotion-cam/network';
import { pastStages, type Ancestor } from '../checkpoint.js';
import { datasetsOf } from '../config.js';
import type { Evaluation } from '../evaluate.js';
import { percent } from '../percent.js';
import { termsByOrigin } from './terms.js';

/** What the card says besides the manifest. */
export interface ModelCardFacts {
  readonly manifest: ModelManifest;
  /** All that the weights went through, oldest first. */
  readonly runs: readonly Ancestor[];
  /** Of the default variant; missing where the export measured nothing. */
  readonly evaluation: Evaluation | undefined;
  readonly command: string;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function results(evaluation: Evaluation | undefined): string {
  if (!evaluation) return 'Not measured at export.';
  const { dataset, split, count, accuracy, meanClassAccuracy, macroF1 } = evaluation;
  return `Measured on ${count} images of ${dataset} (split "${split}"), each as the canonical crop:
${percent(accuracy)} overall, ${percent(meanClassAccuracy)} mean of the classes, macro F1 ${macroF1.toFixed(3)},
expected calibration error ${evaluation.expectedCalibrationError.toFixed(3)}.

${table(
  ['expression', 'images', 'recall', 'precision', 'F1'],
  evaluation.perClass.map(({ label, support, recall, precision, f1 }) => [
    label,
    String(support),
    percent(recall),
    percent(precision),
    f1.toFixed(3),
  ]),
)}

The validation split chose the epoch, so these numbers lean to the hopeful side.`;
}

/** The model card as Markdown: data, terms, uses, results, limits, how to make it again. */
export function modelCard({ manifest, runs, evaluation, command }: ModelCardFacts): string {
  const stages = runs.flatMap(pastStages);
  const { network } = manifest;
  return `# ${manifest.name}

Written by \`npm run trainer -- export\`; edit \`packages/trainer/src/export/model-card.ts\` instead.

FDRL-ECANet: ResNet-18 with efficient channel attention, feature decomposition and reconstruction
(M = ${network.latentFeatures}, D = ${network.latentWidth}), seven facial expressions: ${manifest.labels.join(', ')}.
Input: a face crop of ${manifest.input.size}x${manifest.input.size} pixels, eyes where the manifest says.

## Intended use

Showing or studying the facial expression that is visible in a picture, with the person's knowledge:
interfaces, games, accessibility, research. The output names an expression, not what a person feels.

## Out of scope

Inferring emotions at work or in education (forbidden in the EU: AI Act, Art. 5(1)(f)), decisions about
people (hiring, credit, policing, health), covert use, children without their guardians' consent.

## Data and terms

${table(['origin', 'terms'], termsByOrigin(runs))}

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

The resolved configurations stand in \`manifest.json\` under \`training\`.
Exported by: \`${command}\`

## Results

${results(evaluation)}

## Known limits

- Trained on photographs from the web, most of them posed or strongly expressed, labelled by crowds:
  the labels name what annotators saw. Rare classes (fear, disgust) are recognised worst.
- Groups are not equally represented in the sets; no per-group figures have been measured.
- Profile faces, covered mouths or eyes, strong blur and low light lower the accuracy; no figures yet.
- Softmax scores are ${manifest.temperature === 1 ? 'not calibrated' : `calibrated with temperature ${manifest.temperature}`}.
`;
}
