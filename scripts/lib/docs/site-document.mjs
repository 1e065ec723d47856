import { readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { ROOT } from '../run.mjs';
import { outsideCode } from '../markdown.mjs';

/** In the tree of documents, beside the README. */
export const ELEMENT_REFERENCE = 'element-reference.md';

/** The first page; its title comes from the site. */
export const INDEX = 'README.md';

const ELEMENT = 'packages/sdk/src/emotion-cam.ts';
const LINK = /(!?)\[((?:`[^`]*`|[^[\]`])+)\]\(([^()\s]+)\)/g;

/**
 * A document of the repository as the site shows it: links to code lead to its documentation, links to
 * files that the site does not have become plain words.
 *
 * @param {string} path in the repository
 * @param {(path: string) => boolean} isDocument the site has it
 * @returns {{ title: string, text: string, pictures: string[] }} paths of the pictures it shows
 */
export function siteDocument(path, isDocument) {
  const markdown = readFileSync(join(ROOT, path), 'utf8');
  const [heading] = markdown.split('\n');
  const title = heading.replace(/^# /, '').replaceAll('`', '');
  /** @type {string[]} */
  const pictures = [];
  const text = outsideCode(path === INDEX ? markdown.slice(heading.length) : markdown, (prose) =>
    prose.replace(LINK, (link, mark, words, address) => {
      if (/^(https?:|#)/.test(address)) return link;
      const [file, anchor] = address.split('#');
      const target = normalize(join(dirname(path), file)).replace(/\/$/, '');
      if (mark === '!') {
        pictures.push(target);
        return link;
      }
      const document = [target, `${target}/README.md`].find(isDocument);
      const to = (other) => relative(dirname(path), other) + (anchor ? `#${anchor}` : '');
      if (document) return `[${words}](${to(document)})`;
      if (target === ELEMENT) return `[${words}](${to(ELEMENT_REFERENCE)})`;
      const name = exportOf(target);
      return name ? `{@link ${name} | ${words}}` : words;
    }),
  );
  return { title, text, pictures };
}

/**
 * What a file of the SDK is known for: the export that it is named for, else its first.
 *
 * @param {string} path in the repository
 * @returns {string | undefined} none: the package exports nothing of it
 */
function exportOf(path) {
  const [, module] = /^packages\/sdk\/src\/([\w./-]+)\.ts$/.exec(path) ?? [];
  if (!module) return undefined;
  const entry = readFileSync(join(ROOT, 'packages/sdk/src/index.ts'), 'utf8');
  for (const [, names, from] of entry.matchAll(
    /export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js'/g,
  )) {
    if (from !== module) continue;
    const exported = names.split(',').map((name) => name.replace('type ', '').trim());
    const own = module.replaceAll(/[^a-z]/g, '');
    return exported.find((name) => name.toLowerCase() === own) ?? exported[0];
  }
  return undefined;
}
