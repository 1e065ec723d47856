import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { texts as ar } from '../../src/element/texts/ar.js';
import { texts as de } from '../../src/element/texts/de.js';
import { texts as en } from '../../src/element/texts/en.js';
import { texts as es } from '../../src/element/texts/es.js';
import { texts as fr } from '../../src/element/texts/fr.js';
import { texts as ja } from '../../src/element/texts/ja.js';
import { texts as zh } from '../../src/element/texts/zh.js';

/** "errors.camera-in-use" → its text. */
function flat(value: unknown, name = ''): [string, string][] {
  if (typeof value === 'string') return [[name, value]];
  return Object.entries(value as object).flatMap(([key, one]) => flat(one, `${name}.${key}`));
}

describe('the texts', () => {
  const english = new Map(flat(en));

  it.each(Object.entries({ ar, de, es, fr, ja, zh }))('say everything in %s', (_name, texts) => {
    const entries = flat(texts);
    expect(entries.map(([name]) => name)).toEqual([...english.keys()]);
    for (const [name, text] of entries) {
      expect(text.trim(), name).toBe(text);
      expect(text.length, name).toBeGreaterThan(0);
      // What is long in English and the same elsewhere was forgotten.
      if (text.length > 20) expect(text, name).not.toBe(english.get(name));
    }
  });

  it('are there for every file', () => {
    const folder = new URL('../../src/element/texts/', import.meta.url);
    const files = readdirSync(folder).filter((name) => /^[a-z]{2}\.ts$/.test(name));
    expect(files).toEqual(['ar', 'de', 'en', 'es', 'fr', 'ja', 'zh'].map((name) => `${name}.ts`));
    const loaders = readFileSync(new URL('language.ts', folder), 'utf8');
    for (const name of files) expect(loaders).toContain(`./${name.replace('.ts', '.js')}`);
  });
});
