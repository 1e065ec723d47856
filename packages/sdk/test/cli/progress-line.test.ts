import { describe, expect, it } from 'vitest';
import type { Done, Progress } from '../../cli/job.js';
import { ProgressLine, progressText, summary } from '../../cli/progress-line.js';

/** Half a minute of a video of two, in 12 seconds. */
const at = (fraction: number): Progress => ({
  ...{ type: 'progress', fraction, timeMs: 120_000 * fraction, durationMs: 120_000 },
  ...{ speed: fraction > 0 ? 2.5 : 0, remainingMs: fraction > 0 ? 36_400 : 0 },
});

/** What a stream was given. */
function written(isTTY: boolean, fractions: readonly number[]): string {
  let text = '';
  const write = (part: string): boolean => ((text += part), true);
  const stream = { isTTY, columns: 40, write } as unknown as NodeJS.WriteStream;
  const line = new ProgressLine('a.mp4', stream);
  for (const fraction of fractions) line.show(at(fraction));
  line.end('done');
  return text;
}

describe('ProgressLine', () => {
  it('says how far it is, how fast, and how long it will take', () => {
    expect(progressText(at(0.25))).toBe('25 %, 0:36 left, 0:30 of 2:00, 2.5 times real time');
    expect(progressText(at(0))).toBe('0 %, 0:00 of 2:00');
    expect(progressText({ ...at(0.5), durationMs: 7_322_000 })).toContain('of 2:02:02');
  });

  it('changes one line of a terminal, which it never breaks', () => {
    const text = written(true, [0.25, 0.5]);
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(text).toContain('\ra.mp4: 25 %, 0:36 left, 0:30 of 2:00, 2\x1b[K');
    expect(text).toMatch(/\r\x1b\[Ka\.mp4: done\n$/); // eslint-disable-line no-control-regex
  });

  it('writes a line for each tenth where there is no terminal', () => {
    const lines = written(false, [0, 0.05, 0.1, 0.15, 0.19, 0.35, 0.36, 1]).split('\n');
    const shares = lines.map((line) => /\d+ %/.exec(line)?.[0]);
    expect(shares).toEqual(['10 %', '35 %', '100 %', undefined, undefined]);
  });

  it('sums up what came out', () => {
    const done: Done = {
      type: 'done',
      ending: 'complete',
      frames: 900,
      faces: 1,
      durationMs: 30_000,
      analyzedMs: 30_000,
      elapsedMs: 12_000,
      model: 'lite',
      backend: 'wasm',
      decoding: 'WebCodecs do.',
    };
    expect(summary(done)).toBe(
      '900 frames, 1 face; 30.0 s of video in 12.0 s, 2.5 times real time (lite on wasm). WebCodecs do.',
    );
  });
});
