import { percent } from '../percent.js';
import type { Evaluation } from '../evaluate.js';
import type { RunMetrics, RunPredictions } from '../results.js';
import { caveatsSection } from './caveats.js';
import { confusionSection } from './confusion-section.js';
import { curvesSection } from './curves-section.js';
import { accuracyInterval, metricFigures } from './figures.js';
import { dataTable, html, type Html } from './html.js';
import type { Page, Section } from './page.js';
import { table1Section } from './paper-section.js';
import { dataSection, provenanceSection } from './provenance-section.js';
import { reliabilitySection } from './reliability-section.js';

/** The report of one training run. */
export function runPage(
  metrics: RunMetrics,
  predictions: RunPredictions | undefined,
  extra: readonly Section[],
): Page {
  const { name, chosen, evaluations, history } = metrics;
  const main = mainEvaluation(metrics);
  const each = (body: (what: string, evaluation: Evaluation, index: number) => Html): Html =>
    html`${evaluations.map((evaluation, i) => {
      const what = measuredOn(metrics, evaluation);
      const heading = evaluations.length > 1 ? html`<h3>${capital(what)}</h3>` : undefined;
      return html`${heading} ${body(what, evaluation, i)}`;
    })}`;
  return {
    title: `Training run ${name}`,
    lead: html`FDRL-ECANet on ${main.dataset} at ${main.imageSize}×${main.imageSize} pixels,
    measured on the ${measuredOn(metrics, main)}.`,
    summary: html`${metricFigures(main)}
    ${evaluations.length > 1 ? evaluationsTable(metrics) : undefined}`,
    sections: [
      { id: 'caveats', title: 'Caveats', body: caveatsSection(metrics) },
      {
        id: 'curves',
        title: 'Accuracy and loss over the epochs (Figure 6)',
        body: curvesSection(history, chosen),
      },
      {
        id: 'confusion',
        title: 'Confusion and classes (Figure 7)',
        body: each(confusionSection),
      },
      {
        id: 'calibration',
        title: 'Calibration',
        body: each((what, evaluation, i) =>
          reliabilitySection(what, evaluation, predictions?.sets[i]?.predictions),
        ),
      },
      ...extra,
      {
        id: 'paper',
        title: 'Beside the paper (Table 1)',
        body: table1Section({
          dataset: main.dataset,
          name: 'this run',
          accuracy: percent(main.accuracy, 2),
          protocol: measuredOn(metrics, main),
        }),
      },
      { id: 'data', title: 'Data and terms', body: dataSection(metrics) },
      { id: 'provenance', title: 'How it was made', body: provenanceSection(metrics) },
    ],
  };
}

/** Of what chose nothing, where it was measured: the fold held out, the second tenth. */
function mainEvaluation({ evaluations }: RunMetrics): Evaluation {
  const [first] = evaluations;
  const independent = ['test', 'val2'].map((name) =>
    evaluations.find(({ split }) => split === name),
  );
  return independent.find((evaluation) => evaluation !== undefined) ?? first!;
}

/** For example `validation split of raf-db`, `fold 3 of 10 of ck-plus, held out`. */
function measuredOn({ config }: RunMetrics, { split, dataset }: Evaluation): string {
  const { fold } = config;
  if (fold?.dataset === dataset) {
    const place = `fold ${fold.index + 1} of ${fold.folds} of ${dataset}, by ${fold.protocol}`;
    return split === 'test' ? `${place}, held out` : `validation part beside ${place}`;
  }
  const names: Readonly<Record<string, string>> = {
    val: 'validation split',
    val2: 'second held-out tenth',
    test: 'official test split',
    'train-all': 'whole training split',
    train: 'training part',
  };
  return `${names[split] ?? `split ${split}`} of ${dataset}`;
}

function evaluationsTable(metrics: RunMetrics): Html {
  return dataTable(
    'What was measured',
    [
      { title: 'on' },
      { title: 'images', isNumber: true },
      { title: 'accuracy', isNumber: true },
      { title: '' },
      { title: 'mean class', isNumber: true },
      { title: 'macro F1', isNumber: true },
    ],
    metrics.evaluations.map((evaluation) => [
      measuredOn(metrics, evaluation),
      evaluation.count,
      percent(evaluation.accuracy, 2),
      accuracyInterval(evaluation),
      percent(evaluation.meanClassAccuracy, 2),
      evaluation.macroF1.toFixed(4),
    ]),
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
