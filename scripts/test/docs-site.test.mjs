import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDocs } from '../lib/docs/build-docs.mjs';
import { checkLinks } from '../lib/docs/check-links.mjs';
import { elementManifest } from '../lib/docs/element-reference.mjs';

describe('the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-docs-'));
  const read = (name) => readFileSync(join(folder, name), 'utf8');

  // Fails where a comment is missing, a type is not exported or a link leads nowhere.
  beforeAll(() => buildDocs(folder), 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('lists every attribute, event, slot, part, custom property and state of the element', () => {
    const page = read('documents/Attributes,_events,_parts.html');
    const { attributes, events, slots, cssParts, cssProperties, cssStates } = elementManifest();
    const names = [attributes, events, slots, cssParts, cssProperties, cssStates].flat();
    const missing = names.filter(({ name }) => name && !page.includes(`<code>${name}</code>`));
    expect(missing.map(({ name }) => name)).toEqual([]);
    expect(names.length).toBeGreaterThan(70);
    const silent = attributes.filter(({ description }) => !description);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('leads from the guides to the code, and from the code on', () => {
    const linksOf = (name) => [...read(name).matchAll(/href="([^"]+)"/g)].map(([, to]) => to);
    expect(linksOf('documents/Troubleshooting.html')).toContain('../classes/EmotionCamError.html');
    expect(linksOf('classes/EmotionRecognizer.html')).toContain(
      '../interfaces/RecognitionResult.html',
    );
  });
});

describe('checkLinks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emotion-cam-links-'));
  const page = (name, html) => writeFileSync(join(folder, name), html);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names links to pages and anchors that are not there', () => {
    page('a.html', '<h1 id="here"></h1><a href="b.html#there">b</a><a href="#here">here</a>');
    page('b.html', '<h1 id="there"></h1><a href="https://example.org/x">elsewhere</a>');
    expect(checkLinks(folder)).toBe(2);
    page('b.html', '<a href="c.html">c</a><img src="d.png">');
    expect(() => checkLinks(folder)).toThrow('a.html: b.html#there\nb.html: c.html\nb.html: d.png');
  });
});
