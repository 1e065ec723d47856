import type { DatasetReport, SplitReport } from './report.js';

/** Unreadable images and sizes that are named one by one. */
const NAMED = 10;

/** More labels than this stand below each other. */
const MOST_COLUMNS = 12;

/** The report for the console: a table of class counts, then what stands out. */
export function formatReport(report: DatasetReport): string {
  const { name, layout, labels, splits, missing, warnings, seconds } = report;
  const rows = [
    ['', 'images', 'groups', ...labels],
    ...splits.map(({ split, images, groups, classCounts }) =>
      [split, images, groups, ...labels.map((label) => classCounts[label] ?? 0)].map(String),
    ),
  ];
  const lines =
    labels.length > MOST_COLUMNS ? rows[0]!.map((_, i) => rows.map((row) => row[i]!)) : rows;
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((row) => row[column]!.length)));
  const table = lines.map((row) => {
    const cells = row.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return `  ${cells.join('  ')}`;
  });
  return [
    `${name} (${layout}), read in ${seconds.toFixed(1)} s`,
    ...table,
    ...splits.flatMap(detailsOf),
    ...Object.keys(missing).map((split) => `  ${split}: not there`),
    ...warnings.map((warning) => `  ! ${warning}`),
  ].join('\n');
}

function detailsOf({ split, dropped, duplicates, sizes, unreadable }: SplitReport): string[] {
  const reasons = Object.entries(dropped).map(([why, count]) => `${count} ${why}`);
  const named = sizes
    .slice(0, NAMED)
    .map(
      ({ width, height, count }) => `${width}x${height}${sizes.length > 1 ? ` (${count})` : ''}`,
    );
  const more = sizes.length > NAMED ? [`${sizes.length - NAMED} more`] : [];
  const facts = [
    ...(reasons.length > 0 ? [`left out ${reasons.join(', ')}`] : []),
    ...(duplicates > 0 ? [`${duplicates} exact duplicate(s)`] : []),
    `sizes ${[...named, ...more].join(', ')}`,
  ];
  return [
    `  ${split}: ${facts.join('; ')}`,
    ...unreadable.slice(0, NAMED).map(({ reason }) => `    ${reason}`),
    ...(unreadable.length > NAMED ? [`    … and ${unreadable.length - NAMED} more`] : []),
  ];
}
