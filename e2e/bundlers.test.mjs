import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import webpack from 'webpack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/lib/chromium.mjs';
import { listenForComplaints, probe, waitForSightings } from '../scripts/lib/probe.mjs';
import { ROOT } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { errorsOf } from './support/clip.mjs';
import { Installation, must } from './support/installed.mjs';

/** Runs a tool's command line in a project. @param {readonly string[]} args below node_modules, with its arguments */
const tool =
  (...args) =>
  (project) =>
    must(process.execPath, args, project);

/** How each project of `e2e/projects` is built; into `site`. */
const BUILDS = {
  vite: tool('node_modules/vite/bin/vite.js', 'build', '--logLevel=warn'),
  webpack: buildWithWebpack,
  rollup: tool('node_modules/rollup/dist/bin/rollup', '-c', '--silent'),
  esbuild: tool('build.js'),
  static: () => Promise.resolve(), // no bundler: the package's own bundle
};

/** As its command line would, which is a package of its own. @param {string} project */
async function buildWithWebpack(project) {
  const { default: config } = await import(join(project, 'webpack.config.js'));
  const stats = await new Promise((resolve, reject) => {
    // Not minified: that takes as long as all the rest of this file.
    webpack({ ...config, context: project, optimization: { minimize: false } }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
}

const installation = new Installation();
/** @type {import('playwright').Browser} */
let browser;
/** By the project's name; settled when it is built. @type {Map<string, Promise<string>>} */
const projects = new Map();

beforeAll(async () => {
  const launching = ensureChromium().then((executablePath) =>
    chromium.launch({ executablePath, args: CHROMIUM_ARGS }),
  );
  await installation.install();
  for (const [name, build] of Object.entries(BUILDS)) {
    const project = installation.addProject(name);
    projects.set(
      name,
      build(project).then(() => project),
    );
  }
  await Promise.allSettled(projects.values());
  browser = await launching;
});
afterAll(async () => {
  await browser.close();
  installation.remove();
});

describe.each(Object.keys(BUILDS))('the project built with %s', (name) => {
  it('recognises the clip, in a worker', async () => {
    const project = await projects.get(name);
    const site = join(project, 'site');
    const links = {
      'emotion-cam': join(installation.folder, 'node_modules/emotion-cam'),
      'clip.webm': `${ROOT}e2e/fixtures/clip.webm`,
      'face.png': `${ROOT}e2e/fixtures/astronaut.png`,
    };
    for (const [link, path] of Object.entries(links)) symlinkSync(path, join(site, link));
    const server = await serve(site, FIRST_PORT + 400);
    const page = await browser.newPage();
    try {
      const complaints = listenForComplaints(page);
      await probe(page);
      await page.route('**/favicon.ico', (route) => route.fulfill({ body: '' }));
      await page.goto(server.url);
      const seen = await waitForSightings(page, { emotions: 1 }, 50_000);
      expect(errorsOf(seen)).toEqual([]);
      expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
      expect(await page.getByRole('meter').count()).toBe(7);
      expect(complaints).toEqual([]);
      expect(page.workers().some((worker) => !worker.url().startsWith('blob:'))).toBe(true);
      if (name === 'static') {
        await page.locator('output', { hasText: 'happiness' }).waitFor({ timeout: 30_000 });
      }
    } finally {
      await page.close();
      await server.close();
    }
  }, 90_000);
});
