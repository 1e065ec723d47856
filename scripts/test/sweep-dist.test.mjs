import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sweepDist } from '../lib/sweep-dist.mjs';

const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('leaves in a package what has a source, was bundled now or is no script', async () => {
  const dist = join(folder, 'dist');
  const src = join(folder, 'src');
  for (const path of [
    join(dist, 'deep'),
    join(dist, '.types'),
    join(dist, 'cli'),
    join(src, 'deep'),
    join(folder, 'cli'),
  ]) {
    mkdirSync(path, { recursive: true });
  }
  const write = (...paths) => paths.forEach((path) => writeFileSync(join(folder, path), ''));
  write('src/here.ts', 'src/deep/too.ts');
  write('dist/here.js', 'dist/here.d.ts', 'dist/here.js.map', 'dist/deep/too.js', 'dist/NOTICE');
  write('cli/run.ts', 'dist/cli/run.js');
  write('dist/bundle.js', 'dist/data.json', 'dist/.types/own.d.ts');
  write('dist/gone.js', 'dist/gone.d.ts', 'dist/deep/gone.js.map', 'dist/bundle.old.js');
  const removed = await sweepDist(dist, [src, folder], new Set(['bundle.js']));
  expect(removed.sort()).toEqual(['bundle.old.js', 'deep/gone.js.map', 'gone.d.ts', 'gone.js']);
  expect(readdirSync(join(dist, 'cli'))).toEqual(['run.js']);
  expect(readdirSync(dist).sort()).toEqual(
    [
      '.types',
      'NOTICE',
      'bundle.js',
      'cli',
      'data.json',
      'deep',
      'here.d.ts',
      'here.js',
      'here.js.map',
    ].sort(),
  );
});
