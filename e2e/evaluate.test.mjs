import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../scripts/lib/run.mjs';

const PORTRAIT = `${ROOT}e2e/fixtures/astronaut.png`;
/** @type {string} */
let folder;

/**
 * @param {string} set
 * @param {readonly string[]} options
 */
function evaluate(set, ...options) {
  const json = join(folder, 'evaluation.json');
  rmSync(json, { force: true });
  const cli = `${ROOT}packages/trainer/dist/cli.js`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[cli, 'evaluate', '--end-to-end', '--dataset', 'folder', '--root', join(folder, set)],
      ...['--json', json, ...options],
    ],
    { encoding: 'utf8' },
  );
  return {
    status,
    stdout,
    stderr,
    result: status === 0 ? JSON.parse(readFileSync(json, 'utf8')) : undefined,
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emotion-cam-end-to-end-'));
  for (const name of ['happiness', 'neutral', 'sadness']) {
    mkdirSync(join(folder, 'crops/val', name), { recursive: true });
  }
  for (const name of ['crops/train', 'whole/train', 'whole/val']) {
    mkdirSync(join(folder, name, 'happiness'), { recursive: true });
    copyFileSync(PORTRAIT, join(folder, name, 'happiness/portrait.png'));
  }
  const face = { left: 176, top: 69, width: 97, height: 97 }; // as training images are cut
  await sharp(PORTRAIT).extract(face).toFile(join(folder, 'crops/val/happiness/face.png'));
  const wall = { width: 64, height: 64, channels: /** @type {const} */ (3), background: '#bbb' };
  await sharp({ create: wall }).png().toFile(join(folder, 'crops/val/neutral/wall.png'));
  writeFileSync(join(folder, 'crops/val/sadness/broken.png'), 'no picture');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('evaluate --end-to-end', () => {
  it('counts a picture without a face as wrong and one that is no picture not at all', () => {
    const { result, stdout, stderr } = evaluate('crops');
    expect(stderr).toBe('');
    expect(result).toMatchObject({
      kind: 'end-to-end',
      dataset: 'folder',
      split: 'val',
      count: 2,
      facesFound: 1,
      unreadable: 1,
      accuracy: 0.5,
      found: { count: 1, accuracy: 1 },
      pad: 2,
    });
    const missed = Object.fromEntries(
      result.labels.map((label, k) => [label, result.missedByClass[k]]),
    );
    expect(missed).toMatchObject({ happiness: 0, neutral: 1, sadness: 0 });
    expect(stdout).toContain('faces found                 1 of 2 (50.0 %)');
  });

  it('finds the eyes where they are in the picture, whatever canvas it lies on', () => {
    // The eyes are at (204, 101) and (246, 103); those of the canonical face would be at 0.28 and 0.72
    // of 512 pixels, 0.34 from the top, 225.3 apart.
    for (const pad of ['1', '1.25']) {
      const { eyes } = evaluate('whole', '--pad', pad).result;
      const near = 0.06; // the detector's own error; the canvas' edge is 0.28 wide
      expect(Math.abs(eyes.leftX.mean - (204 - 143.4) / 225.3), pad).toBeLessThan(near);
      expect(Math.abs(eyes.rightX.mean - (246 - 368.6) / 225.3), pad).toBeLessThan(near);
      expect(Math.abs(eyes.leftY.mean - (101 - 174.1) / 225.3), pad).toBeLessThan(near);
      expect(Math.abs(eyes.distance.mean - 42 / 225.3), pad).toBeLessThan(near);
    }
  });

  it('measures the model that it is given', () => {
    const given = evaluate('crops', '--model', `${ROOT}models/fdrl-ecanet`).result;
    expect(given).toMatchObject({ count: 2, facesFound: 1, accuracy: 0.5 });
    const { status, stderr } = evaluate('crops', '--model', join(folder, 'nothing'));
    expect(status).toBe(1);
    expect(stderr).toContain('model-missing');
  });

  it('refuses options that would have no effect', () => {
    const { status, stderr } = evaluate('crops', '--backend', 'wasm', '--workers', '2');
    expect(status).toBe(1);
    expect(stderr).toMatch(/argument-invalid: --workers, --backend: not with --end-to-end/);
  });

  it('says which browser it did not find', () => {
    const before = process.env['CHROME_PATH'];
    process.env['CHROME_PATH'] = join(folder, 'no-chrome');
    const { status, stderr } = evaluate('crops');
    if (before === undefined) delete process.env['CHROME_PATH'];
    else process.env['CHROME_PATH'] = before;
    expect(status).toBe(1);
    expect(stderr).toMatch(/browser-missing.*no-chrome, which does not exist/);
  });
});
