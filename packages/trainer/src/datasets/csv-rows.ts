import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { TrainerError } from '../errors.js';
import type { DatasetName } from './dataset.js';
import { expectedLayout } from './layout.js';

/** One row of a table by the names of its columns. */
export interface CsvRow {
  readonly values: Readonly<Record<string, string>>;
  /** Line of the file, counted from 1. */
  readonly line: number;
}

/** Longest value that an error message quotes. */
const QUOTED_CHARACTERS = 40;

/**
 * The rows of a comma-separated table, one at a time: the files are larger than their contents.
 *
 * @param columns - that the table must have; it may have more
 * @throws {TrainerError} `dataset-layout` if the file cannot be read, `dataset-labels` if it is no
 *   such table
 */
export async function* csvRows(
  name: DatasetName,
  file: string,
  columns: readonly string[],
): AsyncGenerator<CsvRow> {
  const input = createReadStream(file);
  const parser = parse({
    bom: true,
    columns: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
  });
  input.on('error', (error) => parser.destroy(error));
  let isFirst = true;
  try {
    for await (const row of input.pipe(parser) as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      const missing = columns.filter((column) => !Object.hasOwn(row.record, column));
      if (isFirst && missing.length > 0) {
        throw new TrainerError(
          'dataset-labels',
          `${file} has the columns ${Object.keys(row.record).join(', ')}; it lacks ` +
            `${missing.join(', ')}. Restore the file as its owners distribute it.`,
        );
      }
      isFirst = false;
      yield { values: row.record, line: row.info.lines };
    }
  } catch (cause) {
    if (cause instanceof TrainerError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const isTable = code?.startsWith('CSV_');
    throw new TrainerError(
      isTable ? 'dataset-labels' : 'dataset-layout',
      isTable
        ? `${file} is no table of comma-separated values: ${message}. Restore it as its owners distribute it.`
        : `The table ${file} is missing or cannot be read. ${expectedLayout(name)}`,
      { cause },
    );
  } finally {
    input.destroy();
  }
}

/** The error for a value of a table that is not what it should be. */
export function csvError(
  file: string,
  { values, line }: CsvRow,
  column: string,
  expected: string,
): TrainerError {
  const value = values[column] ?? '';
  const shown = value.length > QUOTED_CHARACTERS ? `${value.slice(0, QUOTED_CHARACTERS)}…` : value;
  return new TrainerError(
    'dataset-labels',
    `Line ${line} of ${file} has "${shown}" in the column ${column}. Expected ${expected}. ` +
      'Restore the file as its owners distribute it.',
  );
}
