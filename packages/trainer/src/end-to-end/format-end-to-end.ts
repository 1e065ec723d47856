import { formatTable } from '../metrics.js';
import { percent } from '../percent.js';
import type { EndToEndEvaluation } from './evaluate-end-to-end.js';
import type { Deviation } from './eye-offsets.js';

/** A table for the console: that of all images, then what only this evaluation has. */
export function formatEndToEnd(evaluation: EndToEndEvaluation): string {
  const { labels, count, facesFound, missedByClass, found, eyes, unreadable } = evaluation;
  const missed = labels.map((label, k) => `${label} ${missedByClass[k]!}`).join(', ');
  const either = (value: Deviation, digits = 3): string =>
    `${value.mean.toFixed(digits)} ± ${value.standardDeviation.toFixed(digits)}`;
  return [
    formatTable(evaluation),
    '',
    `An image without a face counts as wrong; a row shows the images with one.`,
    `faces found                 ${facesFound} of ${count} (${percent(facesFound / count)}); not: ${missed}`,
    `accuracy, faces found only  ${percent(found.accuracy)}, mean class ${percent(found.meanClassAccuracy)}`,
    `unreadable                  ${unreadable}, in no number`,
    '',
    'Eyes of the detector against those of the set, in eye distances, mean ± standard deviation:',
    `left eye                    x ${either(eyes.leftX)}, y ${either(eyes.leftY)}`,
    `right eye                   x ${either(eyes.rightX)}, y ${either(eyes.rightY)}`,
    `distance, as a share        ${either(eyes.distance)}`,
    `tilt in degrees             ${either(eyes.rollDegrees, 1)}`,
  ].join('\n');
}
