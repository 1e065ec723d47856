import { existsSync, symlinkSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Package, checkPackage } from '@arethetypeswrong/core';
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
import { listenForViolations, violations } from './support/violations.mjs';

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
  typescript: tool('node_modules/typescript/bin/tsc'), // only checks
  frameworks: tool('node_modules/vite/bin/vite.js', 'build', '--logLevel=warn', '--minify=false'),
};

/** What a careful site allows itself; the last names are the policies of webpack, Vue and Svelte. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types emotion-cam lit-html webpack vue svelte-trusted-html',
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'unsafe-none',
  'Cross-Origin-Embedder-Policy': 'unsafe-none',
};

/** As its command line would, which is a package of its own. @param {string} project */
async function buildWithWebpack(project) {
  const { default: config } = await import(join(project, 'webpack.config.js'));
  const stats = await new Promise((resolve, reject) => {
    webpack({ ...config, context: project }, (error, result) =>
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

/** What "are the types wrong?" reads: all but the assets. */
async function readPackage() {
  const folder = join(installation.folder, 'node_modules/emotion-cam');
  const paths = await readdir(folder, { recursive: true });
  const files = paths.filter((path) =>
    /^(dist|vendor)\/.*\.m?(js|ts)$|^dist\/custom-elements\.json$|^package\.json$/.test(path),
  );
  const contents = files.map(async (path) => [
    `/node_modules/emotion-cam/${path}`,
    await readFile(join(folder, path), 'utf8'),
  ]);
  return new Package(Object.fromEntries(await Promise.all(contents)), 'emotion-cam', '0.0.0');
}

/**
 * Opens a page of a built project, under the policy, and waits for a reading.
 *
 * @param {string} name of the project
 * @param {string} [file] the page
 */
async function see(name, file = 'index.html') {
  const site = join(await projects.get(name), 'site');
  const links = {
    'emotion-cam': join(installation.folder, 'node_modules/emotion-cam'),
    'clip.webm': `${ROOT}e2e/fixtures/clip.webm`,
    'face.png': `${ROOT}e2e/fixtures/astronaut.png`,
  };
  for (const [link, path] of Object.entries(links)) {
    if (!existsSync(join(site, link))) symlinkSync(path, join(site, link));
  }
  const server = await serve(site, FIRST_PORT + 400, { headers: HEADERS });
  const page = await browser.newPage();
  page.once('close', () => server.close());
  const complaints = listenForComplaints(page);
  await probe(page);
  await listenForViolations(page);
  await page.route('**/favicon.ico', (route) => route.fulfill({ body: '' }));
  await page.goto(server.url + file);
  const seen = await waitForSightings(page, { emotions: 1 }, 50_000);
  expect(errorsOf(seen)).toEqual([]);
  expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'emotion']);
  expect(await page.getByRole('meter').count()).toBe(7);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  return page;
}

describe('the package from its tarball', () => {
  it('brings types that need no excuse: nothing is skipped', async () => {
    await projects.get('typescript');
  });

  it('gives the same types to every way of finding them, for modules', async () => {
    const { problems } = await checkPackage(await readPackage());
    const ofModules = problems.filter(
      ({ resolutionKind = 'bundler' }) => !['node10', 'node16-cjs'].includes(resolutionKind),
    );
    expect(ofModules).toEqual([]);
  });

  it.each(['vite', 'webpack', 'rollup', 'esbuild', 'static'])(
    'recognises the clip, in a worker: %s',
    async (name) => {
      const page = await see(name);
      expect(page.workers()).toHaveLength(1);
      if (name === 'static') {
        const output = page.locator('output', { hasText: 'happiness' });
        await output.waitFor({ timeout: 30_000 });
      }
      await page.close();
    },
    90_000,
  );

  it.each(['vue', 'svelte', 'react'])(
    'takes properties and gives events: %s',
    async (name) => {
      const page = await see('frameworks', `${name}.html`);
      expect(await page.getByRole('meter', { name: 'Smiling' }).count()).toBe(1);
      expect(await page.locator('#cam').evaluate((cam) => cam.maxFaces)).toBe(2);
      await page.locator('output', { hasText: 'happiness' }).waitFor({ timeout: 10_000 });
      await page.close();
    },
    90_000,
  );
});
