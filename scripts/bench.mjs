/**
 * `npm run bench [-- name … [--option …]]`: runs bench/<name>.bench.mjs one after another, all of them by
 * default, each with the options.
 * Each prints its table and writes bench/results/<name>.json. One that fails does not keep the others
 * from running; the exit code is 1 then.
 */
import { readdirSync } from 'node:fs';
import { Explained, runMain, step } from './lib/log.mjs';
import { ROOT, run, runTool } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

const SUFFIX = '.bench.mjs';

await runMain(async () => {
  await ensureInstalled();
  const available = readdirSync(`${ROOT}bench`)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
  const args = process.argv.slice(2);
  const optionsAt = args.findIndex((arg) => arg.startsWith('--'));
  const wanted = optionsAt < 0 ? args : args.slice(0, optionsAt);
  const options = optionsAt < 0 ? [] : args.slice(optionsAt);
  const unknown = wanted.filter((name) => !available.includes(name));
  if (unknown.length > 0 || available.length === 0) {
    throw new Explained(
      `No benchmark ${unknown.join(', ')} in bench/. There are: ${available.join(', ') || 'none'}.`,
    );
  }
  const { code } = await runTool('typescript/bin/tsc', ['-b']);
  if (code !== 0) return code;
  /** @type {string[]} */
  const failed = [];
  for (const name of wanted.length > 0 ? wanted : available) {
    step(`bench/${name}`);
    const result = await run(process.execPath, [`${ROOT}bench/${name}${SUFFIX}`, ...options]);
    if (result.code !== 0) failed.push(name);
  }
  if (failed.length > 0) throw new Explained(`Failed: ${failed.join(', ')}. Why is said above.`);
  return 0;
});
