import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMetrics, readPredictions } from '../src/read-results.js';
import { temporaryFolder, writeText } from './support/image-folders.js';
import { sampleRun } from './support/results.js';
import { trainerError } from './support/trainer-error.js';

const { metrics, predictions } = sampleRun();

/** Writes a text as a file of results. */
async function fileWith(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'metrics.json');
  await writeText(file, text);
  return file;
}

describe('readMetrics', () => {
  it('gives back what was written, fields of a newer writer included', async () => {
    const file = await fileWith(JSON.stringify({ ...metrics, novelty: 1 }));
    expect(await readMetrics(file)).toEqual({ ...metrics, novelty: 1 });
  });

  it('says what to do where there are no results', async () => {
    const error = await trainerError(readMetrics('/nowhere/metrics.json'));
    expect(error.code).toBe('results-missing');
    expect(error.message).toContain('train --resume');
  });

  it.each([[2], ['1'], [undefined]])('refuses the format version %j', async (formatVersion) => {
    const file = await fileWith(JSON.stringify({ ...metrics, formatVersion }));
    const error = await trainerError(readMetrics(file));
    expect(error.code).toBe('results-version');
    expect(error.message).toContain(formatVersion === undefined ? 'missing' : `${formatVersion}`);
  });

  it.each([
    [
      'kind',
      { ...metrics, kind: 'horoscope' },
      '"kind" must be one of run, pretraining, cross-validation',
    ],
    ['a list', { ...metrics, history: 3 }, '"history" must be a list, but is 3'],
    [
      'a number in a list',
      { ...metrics, history: [{ ...metrics.history[0], loss: null }] },
      '"history.0.loss" must be a number, but is null',
    ],
    [
      'a field that is not there',
      { ...metrics, chosen: { stage: 0, epoch: 0 } },
      '"chosen.reason" must be a string, but is missing',
    ],
    ['everything', [], '"file" must be an object'],
  ])('names what is wrong: %s', async (_, content, message) => {
    const version = Array.isArray(content) ? content : { ...content, formatVersion: 1 };
    const error = await trainerError(readMetrics(await fileWith(JSON.stringify(version))));
    expect(error.code).toBe('results-invalid');
    expect(error.message).toContain(message);
  });

  it('says that a file was cut short', async () => {
    const error = await trainerError(
      readMetrics(await fileWith(JSON.stringify(metrics).slice(0, 500))),
    );
    expect(error.code).toBe('results-invalid');
    expect(error.message).toContain('is not JSON');
  });
});

describe('readPredictions', () => {
  it('gives back what was written', async () => {
    const file = await fileWith(JSON.stringify(predictions));
    expect(await readPredictions(file)).toEqual(predictions);
  });

  it.each([
    ['probabilities', { id: 'a', group: 'a', truth: 0, probabilities: [1] }, 'must be 7 shares'],
    [
      'truth',
      { id: 'a', group: 'a', truth: 7, probabilities: [1, 0, 0, 0, 0, 0, 0] },
      'must be an index into the 7 labels, but is 7',
    ],
  ])('names %s that do not fit the labels', async (_, prediction, message) => {
    const sets = [{ ...predictions.sets[0], predictions: [prediction] }];
    const file = await fileWith(JSON.stringify({ ...predictions, sets }));
    const error = await trainerError(readPredictions(file));
    expect(error.code).toBe('results-invalid');
    expect(error.message).toContain(message);
  });

  it('refuses the metrics', async () => {
    const error = await trainerError(readPredictions(await fileWith(JSON.stringify(metrics))));
    expect(error.message).toContain('"kind" must be "predictions", but is "run"');
  });
});
