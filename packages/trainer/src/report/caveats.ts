import type { Metrics } from '../metrics.js';
import type { AnyMetrics, PretrainingMetrics, RunMetrics } from '../results.js';
import { html, type Html } from './html.js';

/** A class with fewer images has a recall that single images move. */
const FEW_IMAGES = 50;

/** What one should know before believing the numbers; each only where it applies. */
export function caveatsSection(metrics: AnyMetrics): Html {
  const own = ofKind(metrics);
  const measured = measurementsOf(metrics);
  const caveats = [
    ...own,
    ...ofProtocol(metrics),
    ...ofFewImages(measured),
    ...ofTemperature(metrics),
    (metrics.kind === 'pretraining'
      ? 'The attributes are what annotators saw in a picture. '
      : 'The labels are what annotators saw in a picture, not what a person felt. ') +
      'Groups of people are not equally represented in the sets, and no figures by group were measured.',
  ];
  return html`<ul class="caveats">
    ${caveats.map((caveat) => html`<li>${caveat}</li> `)}
  </ul>`;
}

function ofKind(metrics: AnyMetrics): string[] {
  switch (metrics.kind) {
    case 'run':
      return ofRun(metrics);
    case 'pretraining':
      return ofPretraining(metrics);
    case 'cross-validation':
      return [];
    case 'ablation':
      return ofAblation(metrics);
  }
}

function measurementsOf(metrics: AnyMetrics): readonly Metrics[] {
  switch (metrics.kind) {
    case 'run':
      return metrics.evaluations;
    case 'pretraining':
      return [];
    case 'cross-validation':
      return [metrics.pooled];
    case 'ablation':
      return metrics.rows.map(({ pooled }) => pooled);
  }
}

function ofRun(metrics: RunMetrics): string[] {
  const { chosen, evaluations } = metrics;
  const isChosenOn = evaluations.some(({ split }) => split === 'val');
  const unreadable = evaluations.reduce((sum, each) => sum + each.unreadable, 0);
  return [...(isChosenOn ? [hopeful(chosen)] : []), ...ofOneTraining(metrics, unreadable)];
}

function ofPretraining(metrics: PretrainingMetrics): string[] {
  const { chosen, evaluation } = metrics;
  return [
    hopeful(chosen),
    'Most attributes are rare: an accuracy says little without that of always giving the frequent answer.',
    ...ofOneTraining(metrics, evaluation.unreadable),
  ];
}

function hopeful({ reason }: RunMetrics['chosen']): string {
  return (
    `The epoch was chosen on the validation split (${reason.toLowerCase().replace(/\.$/, '')}), ` +
    'so that split’s numbers lean to the hopeful side; a split that was used for nothing decides.'
  );
}

function ofOneTraining(
  { config, history }: Pick<RunMetrics, 'config' | 'history'>,
  unreadable: number,
): string[] {
  const epochs = config.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  return [
    'One run with one seed: how much another seed would change is not known from this page.',
    ...(history.length < epochs
      ? [`The run has ${history.length} of the ${epochs} epochs that its configuration names.`]
      : []),
    ...(unreadable > 0
      ? [`${unreadable} image(s) could not be read and are in no number here.`]
      : []),
  ];
}

function ofAblation({ rows }: Extract<AnyMetrics, { kind: 'ablation' }>): string[] {
  const fewest = Math.min(...rows.map(({ runs }) => runs.length));
  return fewest < 3 ? [`Only ${fewest} run(s) for a row: the standard deviation says little.`] : [];
}

function ofProtocol(metrics: AnyMetrics): string[] {
  const { fold } = metrics.config;
  const protocol = 'protocol' in metrics ? metrics.protocol : fold?.protocol;
  const caveats: string[] = [];
  if (protocol === 'image') {
    caveats.push(
      'Folds are cut by image, as in the paper: near-identical frames of one person can lie in training and ' +
        'in the fold that is measured. By group (--protocol group) they cannot.',
    );
  }
  if (fold?.select === 'test') {
    caveats.push(
      'The epochs were chosen on the images that are measured: the numbers are optimistic.',
    );
  }
  return caveats;
}

function ofFewImages(measured: readonly Metrics[]): string[] {
  const few = measured[0]?.perClass.filter(({ support }) => support < FEW_IMAGES) ?? [];
  if (few.length === 0) return [];
  const names = few.map(({ label, support }) => `${label} (${support})`);
  return [`Few images of ${names.join(', ')}: single images move these classes’ figures.`];
}

function ofTemperature(metrics: AnyMetrics): string[] {
  if (metrics.kind === 'pretraining') return []; // its confidences are not shown
  const isCalibrated =
    metrics.kind === 'run' && metrics.evaluations.some((e) => e.temperature !== 1);
  return isCalibrated ? [] : ['Confidences are those of the plain softmax, not calibrated.'];
}
