import type { Line } from './chart.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Names the lines of a chart, each beside a piece of its line. */
export interface Legend {
  readonly element: HTMLElement;
  /** As the style sheet gives it now, in light, dark or forced colours. */
  colourOf(line: number): string;
  /** @param values - one for each line; undefined: nothing is shown */
  show(values: readonly (number | undefined)[]): void;
}

export function createLegend(
  lines: readonly Line[],
  formatValue: (value: number) => string,
): Legend {
  const rows = lines.map((line) => createRow(line));
  const element = document.createElement('ul');
  element.className = 'legend';
  element.append(...rows.map(({ item }) => item));
  return {
    element,
    colourOf: (line) => getComputedStyle(rows[line]!.sample).color,
    show(values) {
      rows.forEach(({ value }, index) => {
        const now = values[index];
        value.textContent = now === undefined ? '' : formatValue(now);
      });
    },
  };
}

function createRow({ name, colour, dash = [] }: Line): {
  item: HTMLElement;
  sample: SVGElement;
  value: HTMLElement;
} {
  const sample = document.createElementNS(SVG, 'svg');
  sample.setAttribute('aria-hidden', 'true');
  sample.setAttribute('viewBox', '0 0 26 4');
  sample.style.color = `var(${colour})`; // through the object model: a strict policy forbids the attribute
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', 'M0 2h26');
  line.setAttribute('stroke', 'currentColor');
  line.setAttribute('stroke-width', '2.5');
  line.setAttribute('stroke-dasharray', dash.join(' '));
  sample.append(line);
  const value = document.createElement('span');
  const item = document.createElement('li');
  item.append(sample, name, value);
  return { item, sample, value };
}
