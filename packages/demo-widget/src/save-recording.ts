import type { Recording } from 'emotion-cam';
import { saveFile } from './save-file.js';

/** How a recording is saved: the `value` of the button that does it. */
export type RecordingFormat = 'json' | 'csv' | 'vtt';

const FORMATS: Readonly<
  Record<RecordingFormat, { readonly type: string; readonly write: (one: Recording) => string }>
> = {
  json: { type: 'application/json', write: (one) => JSON.stringify(one) },
  csv: { type: 'text/csv', write: (one) => one.toCsv() },
  vtt: { type: 'text/vtt', write: (one) => one.toVtt() },
};

/** @param name - of the file, without its ending */
export function saveRecording(recording: Recording, format: RecordingFormat, name: string): void {
  const { type, write } = FORMATS[format];
  saveFile(new Blob([write(recording)], { type }), `${name}.${format}`);
}
