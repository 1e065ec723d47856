import { datasetsOf, setsOf, type StageConfig, type TrainingConfig } from '../config.js';
import { DATASET_TERMS } from '../datasets/terms.js';
import { percent } from '../percent.js';
import type { AnyMetrics } from '../results.js';
import { dataTable, facts, folded, html, type Html } from './html.js';

/** Command line, seed, machine, time: what it takes to make the result again. */
export function provenanceSection(metrics: AnyMetrics): Html {
  const { config, provenance } = metrics;
  const { machine, command, created } = provenance;
  return html`
    ${facts([
      ['Name', metrics.name],
      ['Command', html`<code>${command}</code>`],
      ['Seed', config.seed],
      [
        'Written',
        html`<time datetime="${created}">${created.replace('T', ' ').slice(0, 16)} UTC</time>`,
      ],
      [
        'Machine',
        `${machine.cpu}, ${machine.cores} core(s), ${machine.memoryGiB} GiB, ${machine.platform}`,
      ],
      ['Node', machine.node],
      ...('history' in metrics ? computeOf(metrics) : []),
    ])}
    ${stagesTable(config)}
    ${folded('The resolved configuration', html`<pre>${JSON.stringify(config, null, 2)}</pre>`)}
  `;
}

function computeOf(
  metrics: Extract<AnyMetrics, { kind: 'run' | 'pretraining' }>,
): (readonly [string, string | number])[] {
  const { backend, workers, seconds, history } = metrics;
  return [
    ['Back end', `${backend}, ${workers} data-parallel worker(s)`],
    ['Compute', `${duration(seconds)} for ${history.length} epochs, training and validation`],
  ];
}

function stagesTable({ stages }: TrainingConfig): Html {
  return dataTable(
    'Stages of the training; each starts from the weights of the one before',
    [
      { title: 'stage' },
      { title: 'data' },
      { title: 'pixels', isNumber: true },
      { title: 'epochs', isNumber: true },
      { title: 'learning rate', isNumber: true },
      { title: 'schedule' },
    ],
    stages.map((stage, i) => [
      i + 1,
      dataOf(stage),
      stage.imageSize,
      stage.epochs,
      stage.learningRate,
      stage.schedule.kind,
    ]),
  );
}

/** `raf-db`, or `raf-db 70 %, ferplus 30 %` where sets are trained on together. */
function dataOf(stage: StageConfig): string {
  const sets = setsOf(stage);
  if (sets.length === 1) return stage.dataset;
  return sets.map(({ dataset, share }) => `${dataset} ${percent(share, 0)}`).join(', ');
}

/** Which sets were used, and under which terms. */
export function dataSection({ config, origins, provenance }: AnyMetrics): Html {
  const own = datasetsOf(config.stages).map((name) => ({ name, terms: DATASET_TERMS[name] }));
  const isUnknown = origins === undefined && provenance.command.includes('--init');
  return html`
    ${dataTable(
      'What the weights went through',
      [{ title: 'origin' }, { title: 'terms' }],
      (origins ?? own).map(({ name, terms }) => [name, terms]),
    )}
    ${isUnknown ? html`<p>The weights of --init went through further data, which these results do not name.</p>` : undefined}
    <p>This page holds numbers derived from these sets, and none of their images.</p>
  `;
}

/** `4000` -> `1 h 7 min`. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
