import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureChromium } from '../scripts/lib/chromium.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { CLIP, overlap } from './support/clip.mjs';

const CLI = `${ROOT}packages/sdk/dist/cli/emotion-cam.js`;
const VIDEO = fileURLToPath(new URL('fixtures/clip.webm', import.meta.url));

/** @type {string} */
let folder;
/** @type {string} */
let chromium;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emotion-cam-analyze-'));
  chromium = await ensureChromium();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs the command in the folder of the outputs.
 *
 * @param {readonly string[]} args
 * @param {(child: import('node:child_process').ChildProcess, stderr: string) => void} [onOutput]
 * @returns {Promise<{ code: number | null, stderr: string }>}
 */
function analyze(args, onOutput) {
  const env = { ...process.env, CHROME_PATH: chromium, TMPDIR: folder };
  const child = spawn(process.execPath, [CLI, 'analyze', ...args], { cwd: folder, env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    onOutput?.(child, stderr);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

/** Profiles of browsers that are still there. */
const profiles = () => readdirSync(folder).filter((name) => name.includes('chromium'));

describe('emotion-cam analyze', () => {
  it('writes what is in the clip, at its times, and says how fast it was', async () => {
    const outputs = ['--csv', 'out.csv', '--json', 'out.json', '--vtt', 'out.vtt'];
    const { code, stderr } = await analyze([VIDEO, ...outputs, '--model', 'lite']);
    expect(stderr).toMatch(/150 frames, 2 faces; 9\.9 s of video in [\d.]+ s, [\d.]+ times real/);
    expect(stderr).toMatch(/5\d %, 0:\d\d left, 0:0\d of 0:10, [\d.]+ times real time/);
    expect(code).toBe(0);

    const { frames, model, startedAt } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
    expect([model, startedAt]).toEqual(['fdrl-ecanet-lite', null]);
    expect(frames).toHaveLength(CLIP.frames);
    frames.forEach(({ timeMs, faces }, i) => {
      const known = CLIP.faces[i];
      expect(timeMs).toBeCloseTo(known.time * 1000, -0.5); // the file counts milliseconds
      if (known.visible === 1) {
        expect(overlap(faces[0].box, known.box)).toBeGreaterThan(0.6);
        expect(faces[0].emotion).toBe('happiness');
      } else if (known.visible === 0) {
        expect(faces).toEqual([]);
      }
    });
    const rows = readFileSync(join(folder, 'out.csv'), 'utf8').trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + CLIP.frames);
    expect(readFileSync(join(folder, 'out.vtt'), 'utf8')).toMatch(
      /^WEBVTT\n[^]*<v Face 1>happiness/,
    );
    expect(profiles()).toEqual([]);
  }, 120_000);

  it('keeps what it has at Ctrl-C, and leaves no browser behind', async () => {
    let isAsked = false;
    const { code, stderr } = await analyze(
      [VIDEO, '--csv', 'part.csv', '--model', 'full'],
      (child, text) => {
        if (isAsked || !text.includes('left')) return;
        isAsked = true;
        child.kill('SIGINT');
      },
    );
    expect(stderr).toMatch(/interrupted; so far \d+ frames/);
    expect(code).toBe(130);
    const rows = readFileSync(join(folder, 'part.csv'), 'utf8').trimEnd().split('\r\n');
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThan(CLIP.frames);
    expect(profiles()).toEqual([]);
  }, 120_000);

  it('goes on after a file that is no video, and writes nothing of it', async () => {
    writeFileSync(join(folder, 'letter.mp4'), 'Dear Eileen');
    symlinkSync(VIDEO, join(folder, 'session.webm'));
    const options = ['--csv', '{name}.csv', '--model', 'lite', '--fps', '1', '--quiet'];
    const { code, stderr } = await analyze(['letter.mp4', 'session.webm', ...options]);
    expect(stderr).toMatch(/^letter\.mp4: The video cannot be decoded: .*Convert it to MP4.*\n$/);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'letter.csv'))).toBe(false);
    expect(readFileSync(join(folder, 'session.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(
      11,
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  }, 120_000);

  it('says which browser it did not find, and what it said when it ended', async () => {
    const missing = await analyze([VIDEO, '--csv', 'x.csv', '--chromium', '/nowhere/chrome']);
    expect(missing.stderr).toMatch(
      /--chromium is \/nowhere\/chrome, which does not exist.*Install/,
    );
    expect(missing.code).toBe(3);
    const broken = await analyze([VIDEO, '--csv', 'x.csv', '--chromium', process.execPath]);
    expect(broken.stderr).toMatch(
      /ended \(exit code 9\) before the analysis was done.*bad option/s,
    );
    expect(broken.code).toBe(1);
  });
});
