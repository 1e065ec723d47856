import type { Metrics } from '../metrics.js';
import { percent } from '../percent.js';
import type { Spread } from '../results.js';
import { wilsonInterval } from '../statistics/wilson-interval.js';
import { html, type Html, type HtmlValue } from './html.js';

/** The large numbers at the top of a report. */
export function figures(
  entries: readonly (readonly [name: string, value: HtmlValue, note: HtmlValue])[],
): Html {
  return html`<dl class="figures">
    ${entries.map(
      ([name, value, note]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value} <small>${note}</small></dd>
        </div>`,
    )}
  </dl>`;
}

/** `83.4 to 88.1 %` */
export function percentRange([low, high]: readonly [number, number]): string {
  return `${(100 * low).toFixed(1)} to ${percent(high)}`;
}

/** The 95 per cent interval of an accuracy, in words. */
export function accuracyInterval({ accuracy, count }: Metrics): string {
  return `95 % interval ${percentRange(wilsonInterval(Math.round(accuracy * count), count))}`;
}

/** `86.2 ± 1.3 %`: mean and standard deviation. */
export function meanAndDeviation({ mean, standardDeviation }: Spread, digits = 2): string {
  return `${(100 * mean).toFixed(digits)} ± ${percent(standardDeviation, digits)}`;
}

/** What one measurement found. */
export function metricFigures(metrics: Metrics): Html {
  const { accuracy, meanClassAccuracy, macroF1, expectedCalibrationError, count } = metrics;
  return figures([
    ['Accuracy', percent(accuracy, 2), accuracyInterval(metrics)],
    ['Mean class accuracy', percent(meanClassAccuracy, 2), 'mean recall of the classes'],
    ['Macro F1', macroF1.toFixed(4), 'mean F1 of the classes'],
    ['Calibration error', percent(expectedCalibrationError, 2), 'expected, 15 bins'],
    ['Images', String(count), 'that could be read'],
  ]);
}
