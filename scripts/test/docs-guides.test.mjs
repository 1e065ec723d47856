import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorOf, outsideCode } from '../lib/markdown.mjs';
import { ROOT } from '../lib/run.mjs';
import { documentsWithSamples } from '../lib/samples/samples.mjs';

/** @param {string} path in the repository */
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

describe('the troubleshooting guide', () => {
  it('explains every error code of the SDK, each once, and no other', () => {
    const [, union] = /EmotionCamErrorCode =\n([\s\S]*?);/.exec(read('packages/sdk/src/errors.ts'));
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
    const guide = read('docs/guides/troubleshooting.md');
    const explained = [...guide.matchAll(/^(?:### ([a-z]+(?:-[a-z]+)+)$|\| `([a-z-]+)` )/gm)];
    expect(codes.length).toBeGreaterThan(30);
    expect(explained.map(([, heading, cell]) => heading ?? cell).sort()).toEqual(codes.sort());
  });
});

describe('documents', () => {
  const decisions = readdirSync(join(ROOT, 'docs/decisions')).map(
    (name) => `docs/decisions/${name}`,
  );
  const paths = [...documentsWithSamples(), ...decisions, 'CHANGELOG.md'];

  it.each(paths)('%s links to files and headings that there are', (path) => {
    const broken = [];
    outsideCode(read(path), (prose) => {
      for (const [, address] of prose.matchAll(/\]\(([^()\s]+)\)/g)) {
        if (!/^https?:/.test(address) && !leadsSomewhere(path, address)) broken.push(address);
      }
      return prose;
    });
    expect(broken).toEqual([]);
  });
});

/** @param {string} path of the document @param {string} address in it */
function leadsSomewhere(path, address) {
  const [file, anchor] = address.split('#');
  const target = file === '' ? path : join(dirname(path), file);
  if (!existsSync(join(ROOT, target))) return false;
  if (!anchor || statSync(join(ROOT, target)).isDirectory()) return true;
  const anchors = [];
  outsideCode(read(target), (prose) => {
    for (const [, heading] of prose.matchAll(/^#+ (.*)$/gm)) anchors.push(anchorOf(heading));
    return prose;
  });
  return anchors.includes(anchor);
}
