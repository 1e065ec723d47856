import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../scripts/lib/run.mjs';

const DIST = `${ROOT}packages/sdk/dist`;

/** Runs a module in a Node of its own, as a server does. @param {string} code @returns {string} what it printed */
function onServer(code) {
  const args = ['--input-type=module', '--eval', code];
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

/** @param {string} name */
const gzipped = (name) => gzipSync(readFileSync(`${DIST}/${name}`), { level: 9 }).length;

describe('the package', () => {
  it('is imported on a server, where there is no page', () => {
    const printed = onServer(`
      await import('emotion-cam');
      await import('emotion-cam/define.js');
      process.stdout.write(\`document: \${typeof document}\`);
    `);
    expect(printed).toContain('document: undefined'); // and nothing made up for one
  });

  it('renders its React component on a server', () => {
    const printed = onServer(`
      import { createElement } from 'react';
      import { renderToString } from 'react-dom/server';
      import { EmotionCam } from 'emotion-cam/react';
      process.stdout.write(renderToString(createElement(EmotionCam, { maxFaces: 2, onEmotion() {} })));
    `);
    expect(printed).toContain('<emotion-cam></emotion-cam>');
  });

  it('describes to editors every attribute that the element reads', () => {
    const observed = onServer(`
      import { EmotionCam } from 'emotion-cam/define.js';
      process.stdout.write(JSON.stringify(EmotionCam.observedAttributes));
    `);
    const { modules } = JSON.parse(readFileSync(`${DIST}/custom-elements.json`, 'utf8'));
    const element = modules
      .flatMap(({ declarations }) => declarations ?? [])
      .find(({ tagName }) => tagName === 'emotion-cam');
    const described = element.attributes.map(({ name }) => name);
    const names = JSON.parse(observed.slice(observed.lastIndexOf('[')));
    expect(described.filter((name) => name !== 'state').sort()).toEqual([...names].sort());
    const [tag] = JSON.parse(readFileSync(`${DIST}/vscode.html-custom-data.json`, 'utf8')).tags;
    expect(tag.attributes.map(({ name }) => name).sort()).toEqual([...names].sort());
    const valuesOf = (name) => tag.attributes.find((one) => one.name === name).values;
    expect(valuesOf('consent').map(({ name }) => name)).toEqual(['none', 'required', 'session']);
    expect(valuesOf('backend').map(({ name }) => name)).toEqual(['auto', 'webgpu', 'wasm', 'cpu']);
    expect(element.events.map(({ name }) => name)).toContain('emotion-change');
    expect(element.slots.map(({ name }) => name)).toContain('consent');
  });

  it('stays small: what a page loads before the back end', () => {
    const { imports } = staticImports('emotion-cam.bundle.js');
    const bytes = imports.reduce((sum, name) => sum + gzipped(name), 0);
    expect(bytes).toBeLessThan(60_000);
  });
});

/** A chunk and all that it imports at once. @param {string} entry */
function staticImports(entry) {
  const imports = [entry];
  for (const name of imports) {
    const code = readFileSync(`${DIST}/${name}`, 'utf8');
    for (const [, found] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) {
      if (!imports.includes(found)) imports.push(found);
    }
  }
  return { imports };
}
