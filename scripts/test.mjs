/**
 * `npm test`: installs what is missing and runs everything. `npm test -- unit e2e` runs the steps
 * named. A step goes on after another has failed, so that one run shows all there is to mend. The last
 * line is `N passed, N failed`: single tests where the runner counts them, else one for the step. Without a Chromium
 * the steps that need one count as failed and the others run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './lib/chromium.mjs';
import { MANIFEST_ARGS } from './lib/build.mjs';
import { Explained, bold, green, red, runMain, say, seconds } from './lib/log.mjs';
import { ensureRedis } from './lib/redis.mjs';
import { runTool } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

/** @typedef {{ passed: number, failed: number }} Counts */

const STEP_TIMEOUT_MS = 25 * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-test-'));

/** A tool that passes or fails as a whole. @param {string} script @param {readonly string[]} args */
const tool = (script, args) => async () => {
  const { code } = await runTool(script, args, { timeoutMs: STEP_TIMEOUT_MS });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

/** @param {string} config */
const vitest = (config) => async () => {
  const results = join(folder, 'vitest.json');
  const { code } = await runTool(
    'vitest/vitest.mjs',
    [
      'run',
      `--config=${config}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${results}`,
    ],
    { timeoutMs: STEP_TIMEOUT_MS },
  );
  const report = readResults(results);
  return settle(code, { passed: report?.numPassedTests, failed: report?.numFailedTests });
};

const webTestRunner = async () => {
  const results = join(folder, 'wtr.json');
  const { code } = await runTool('@web/test-runner/dist/bin.js', [], {
    env: { EMOTION_CAM_RESULTS: results },
    timeoutMs: STEP_TIMEOUT_MS,
  });
  return settle(code, readResults(results) ?? {});
};

/** In the order in which they run. @type {Record<string, () => Promise<Counts>>} */
const STEPS = {
  types: tool('typescript/bin/tsc', ['-b']),
  lint: tool('eslint/bin/eslint.js', ['.']),
  format: tool('prettier/bin/prettier.cjs', ['--check', '.', '--log-level=warn']),
  unused: tool('knip/bin/knip.js', ['--no-config-hints']),
  manifest: tool('@custom-elements-manifest/analyzer/cem.js', MANIFEST_ARGS),
  package: tool('publint/src/cli.js', ['packages/sdk', '--pack', 'false', '--strict']),
  unit: vitest('vitest.config.mjs'),
  browser: webTestRunner,
  build: tool('rollup/dist/bin/rollup', ['-c', '--silent']),
  e2e: vitest('e2e/vitest.config.mjs'),
};

/** What a name on the command line stands for; every step needs what `types` compiles. */
const NAMES = {
  check: ['types', 'lint', 'format', 'unused', 'manifest', 'package'],
  unit: ['types', 'unit'],
  browser: ['types', 'browser'],
  build: ['types', 'build'],
  e2e: ['types', 'manifest', 'build', 'e2e'],
};
const NEEDS_CHROMIUM = ['browser', 'e2e'];

await runMain(async () => {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in NAMES));
  if (unknown.length > 0) {
    say(`No step ${unknown.join(', ')}. There are: ${Object.keys(NAMES).join(', ')}.`);
    return 2;
  }
  const wanted = new Set(names.flatMap((name) => NAMES[name]));
  const steps = Object.keys(STEPS).filter((name) => names.length === 0 || wanted.has(name));

  await ensureInstalled();
  if (steps.some((name) => NEEDS_CHROMIUM.includes(name))) await provideChromium();
  if (steps.includes('unit')) await ensureRedis();
  try {
    return await runSteps(steps);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** For the steps that need a Chromium; where there is none they fail and say so. */
async function provideChromium() {
  try {
    process.env.CHROME_PATH = await ensureChromium();
  } catch (error) {
    if (!(error instanceof Explained)) throw error;
    for (const name of NEEDS_CHROMIUM) {
      STEPS[name] = async () => {
        say(red(error.message));
        return { passed: 0, failed: 1 };
      };
    }
  }
}

/** @param {readonly string[]} steps @returns {Promise<number>} exit code */
async function runSteps(steps) {
  /** @type {string[]} */
  const summary = [];
  const total = { passed: 0, failed: 0 };
  for (const name of steps) {
    say(`\n${bold(`── ${name}`)}`);
    const start = performance.now();
    const counts = await STEPS[name]();
    total.passed += counts.passed;
    total.failed += counts.failed;
    const mark = counts.failed === 0 ? green('✓') : red('✗');
    const line = `${mark} ${name.padEnd(8)} ${counts.passed} passed, ${counts.failed} failed, ${seconds(performance.now() - start)}`;
    say(line);
    summary.push(line);
  }
  say(`\n${summary.join('\n')}`);
  say(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * No test at all, or a runner that ended badly without naming a failed test, is one failure.
 *
 * @param {number} code the runner's exit code
 * @param {Partial<Counts>} counts
 * @returns {Counts}
 */
function settle(code, { passed = 0, failed = 0 }) {
  const hasRun = passed + failed > 0;
  return { passed, failed: failed === 0 && (code !== 0 || !hasRun) ? 1 : failed };
}

/** @param {string} path written by the runner @returns {any} undefined: it wrote none */
function readResults(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    rmSync(path);
    return report;
  } catch {
    return undefined;
  }
}
