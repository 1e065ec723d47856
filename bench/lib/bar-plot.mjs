/**
 * A plot as SVG: horizontal bars in groups, each with a whisker from its value to a larger one. Those of peers
 * have a colour of their own.
 */

const WIDTH = 720;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 110;
const BAR = 18;
const GAP = 6;
const GROUP_GAP = 34;
const TOP = 64;
const [OURS, THEIRS] = ['#2f6fdb', '#d9822b'];
const [TEXT, FAINT] = ['#1f2328', '#59636e'];

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * @typedef {{ label: string, value: number, upTo?: number, isPeer?: boolean }} Bar
 *
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.subtitle what a bar and its whisker are
 * @param {string} plot.unit after each value
 * @param {readonly { label: string, bars: readonly Bar[] }[]} plot.groups
 * @returns {string} of an .svg file
 */
export function barPlot({ title, subtitle, unit, groups }) {
  const highest = Math.max(
    ...groups.flatMap(({ bars }) => bars.map(({ value, upTo = value }) => upTo)),
  );
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / highest;
  const parts = [
    line(16, 26, title, { size: 16, weight: 600 }),
    line(16, 46, subtitle, { size: 12, fill: FAINT }),
  ];
  let y = TOP;
  for (const group of groups) {
    parts.push(line(16, y + 14, group.label, { size: 13, weight: 600 }));
    y += 24;
    for (const { label, value, upTo, isPeer } of group.bars) {
      const end = LABEL_WIDTH + value * scale;
      const far = LABEL_WIDTH + (upTo ?? value) * scale;
      const middle = y + BAR / 2;
      parts.push(
        line(LABEL_WIDTH - 8, middle + 4, label, { size: 12, anchor: 'end' }),
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${fixed(value * scale)}" height="${BAR}" fill="${isPeer ? THEIRS : OURS}"/>`,
      );
      if (upTo !== undefined) {
        const whisker = `M${fixed(end)} ${middle}H${fixed(far)}M${fixed(far)} ${middle - 5}v10`;
        parts.push(`<path d="${whisker}" stroke="${FAINT}" fill="none"/>`);
      }
      const text = `${value} ${unit}${upTo === undefined ? '' : ` (${upTo})`}`;
      parts.push(line(far + 8, middle + 4, text, { size: 12 }));
      y += BAR + GAP;
    }
    y += GROUP_GAP - 24;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

/** @param {number} value */
const fixed = (value) => Number(value.toFixed(1));

function line(x, y, text, { size, weight = 400, fill = TEXT, anchor = 'start' }) {
  return `<text x="${fixed(x)}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escaped(text)}</text>`;
}
