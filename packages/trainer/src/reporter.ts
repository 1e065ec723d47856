import { Presets, SingleBar } from 'cli-progress';
import { setsOf, type StageConfig } from './config.js';
import { formatReport } from './datasets/format-report.js';
import type { DatasetReport } from './datasets/report.js';
import { percent } from './percent.js';
import type { EpochRecord } from './train.js';

/** Seconds between two lines of progress where there is no terminal. */
const LINE_INTERVAL_SECONDS = 30;

/** What a run tells the person in front of it: a bar in a terminal, lines in a log. */
export class Reporter {
  #bar: SingleBar | undefined;
  #task = '';
  #lastLine = 0;

  line(text: string): void {
    this.progressDone();
    process.stdout.write(`${text}\n`);
  }

  dataset(report: DatasetReport): void {
    this.line(formatReport(report));
  }

  stage(index: number, count: number, stage: StageConfig): void {
    const sets = setsOf(stage).map(({ dataset, share }) =>
      share === 1 ? dataset : `${percent(share, 0)} ${dataset}`,
    );
    this.line(
      `Stage ${index + 1}/${count}: ${sets.join(' + ')} at ${stage.imageSize}x${stage.imageSize}, ` +
        `${stage.epochs} epoch(s), learning rate ${stage.learningRate} (${stage.schedule.kind})`,
    );
  }

  epoch(record: EpochRecord, isBest: boolean): void {
    this.line(
      `stage ${record.stage + 1} epoch ${record.epoch + 1}: loss ${record.loss.toFixed(4)} ` +
        `(classification ${record.classification.toFixed(4)}, compactness ` +
        `${record.compactness.toFixed(2)}, distribution ${record.distribution.toFixed(5)}), ` +
        `train ${percent(record.trainAccuracy, 2)}, validation ` +
        `${percent(record.validationAccuracy, 2)} overall, ` +
        `${percent(record.validationMeanClassAccuracy, 2)} mean-class, ` +
        (record.rawValidationAccuracy === undefined
          ? ''
          : `${percent(record.rawValidationAccuracy, 2)} without averaging, `) +
        `loss ` +
        `${record.validationLoss.toFixed(4)}, ${this.duration(record.seconds)}` +
        (isBest ? '  * best of this stage' : ''),
    );
  }

  /** A step of long work; `fields` are shown beside the bar. */
  progress(
    task: string,
    done: number,
    total: number,
    fields: Readonly<Record<string, string>>,
  ): void {
    const details = Object.entries(fields)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    if (process.stdout.isTTY) {
      if (!this.#bar || this.#task !== task) {
        this.progressDone();
        this.#task = task;
        this.#bar = new SingleBar(
          { format: `${task} {bar} {value}/{total} {details}`, hideCursor: true },
          Presets.shades_classic,
        );
        this.#bar.start(total, done, { details });
      }
      this.#bar.update(done, { details });
      return;
    }
    const now = Date.now() / 1000;
    if (now - this.#lastLine < LINE_INTERVAL_SECONDS) return;
    this.#lastLine = now;
    process.stdout.write(`${task}: ${done}/${total} ${details}\n`);
  }

  /** Progress of one task at an even pace, with the time that is left of it. */
  progressOf(task: string): (done: number, total: number) => void {
    let began: { readonly at: number; readonly done: number } | undefined;
    return (done, total) => {
      began ??= { at: Date.now(), done };
      const perItem = (Date.now() - began.at) / 1000 / (done - began.done);
      const left = Number.isFinite(perItem) ? this.duration(perItem * (total - done)) : '-';
      this.progress(task, done, total, { left });
    };
  }

  progressDone(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  /** `75` -> `1 min 15 s`. */
  duration(seconds: number): string {
    const whole = Math.round(seconds);
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
  }
}
