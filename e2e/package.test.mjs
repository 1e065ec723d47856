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

  it('stays small: the element and the recognizer 60 kB, with TensorFlow.js on WebGPU 140 kB', () => {
    const own = loaded('', '.worker', '.face-pipeline');
    const withWebGpu = new Set([
      ...own,
      ...loaded('.planned-network', '.tfjs-core', '.tfjs-webgpu'),
    ]);
    const others = [...own].filter((name) => !name.includes('tfjs'));
    expect(kilobytes(others)).toBeLessThan(60);
    expect(kilobytes(withWebGpu)).toBeLessThan(140);
  });
});

/** Chunks of the bundle, by their names, and all that these import at once. @param {...string} names */
function loaded(...names) {
  const chunks = new Set(names.map((name) => `emotion-cam.bundle${name}.js`));
  for (const chunk of chunks) {
    const code = readFileSync(`${DIST}/${chunk}`, 'utf8');
    for (const [, found] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g))
      chunks.add(found);
  }
  return chunks;
}

/** Compressed, as servers send them. @param {Iterable<string>} chunks */
function kilobytes(chunks) {
  const bytes = [...chunks].map(
    (name) => gzipSync(readFileSync(`${DIST}/${name}`), { level: 9 }).length,
  );
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}
