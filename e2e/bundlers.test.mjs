import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { chromium } from 'playwright';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { listenForComplaints, probe, waitForSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { errorsOf } from './support/clip.mjs';

const SDK = `${ROOT}packages/sdk`;

const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="module" src="/main.js"></script>
<emotion-cam id="cam" src="/public/clip.webm" assets="/public/assets/"
  model="/public/assets/models/fdrl-ecanet-lite/" backend="wasm" autostart></emotion-cam>`;

/** What each bundler is told, as docs/guides/embedding.md says it; both write into `site` of the project. */
const BUNDLERS = {
  Vite: (project) =>
    buildWithVite({
      root: project,
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      worker: { format: 'es' },
      build: { outDir: 'site' },
    }),
  esbuild: async (project) => {
    writeFileSync(join(project, 'site', 'index.html'), PAGE);
    await buildWithEsbuild({
      absWorkingDir: project,
      entryPoints: [
        { in: 'main.js', out: 'main' },
        {
          in: 'node_modules/emotion-cam/dist/worker/pipeline-worker.js',
          out: 'pipeline-worker',
        },
      ],
      ...{ bundle: true, splitting: true, format: 'esm', outdir: 'site', logLevel: 'error' },
    });
  },
};

/** A project that has the package installed. @returns {string} its folder */
function createProject() {
  const project = mkdtempSync(join(tmpdir(), 'emotion-cam-bundler-'));
  for (const folder of ['node_modules', 'site']) mkdirSync(join(project, folder));
  symlinkSync(SDK, join(project, 'node_modules/emotion-cam'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'index.html'), PAGE);
  writeFileSync(join(project, 'main.js'), "import 'emotion-cam/define.js';\n");
  return project;
}

describe.each(Object.entries(BUNDLERS))('a project built with %s', (_name, build) => {
  /** @type {string} */
  let project;
  /** @type {import('playwright').Browser} */
  let browser;

  beforeAll(async () => {
    project = createProject();
    browser = await chromium.launch({
      executablePath: await ensureChromium(),
      args: CHROMIUM_ARGS,
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(project, { recursive: true, force: true });
  });

  it('recognises the clip, in a worker', async () => {
    await build(project);
    const site = join(project, 'site');
    const server = await serve(site, FIRST_PORT + 400);
    try {
      const page = await browser.newPage();
      const complaints = listenForComplaints(page);
      await probe(page);
      await page.context().route('**/public/**', (route) => {
        const { pathname } = new URL(route.request().url());
        const [, name] = pathname.split('/public/');
        const path = name === 'clip.webm' ? `${ROOT}e2e/fixtures/${name}` : `${SDK}/${name}`;
        return route.fulfill({ path });
      });
      await page.goto(server.url);
      const seen = await waitForSightings(page, { emotions: 1 }, 50_000);
      expect(errorsOf(seen)).toEqual([]);
      expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
      expect(complaints).toEqual([]);
      const workers = page.workers().map((worker) => worker.url());
      const own = workers.filter((url) => !url.startsWith('blob:')); // the others are WebAssembly's threads
      expect(own).toEqual([expect.stringContaining('/pipeline-worker')]);
    } finally {
      await server.close();
    }
  }, 60_000);
});
