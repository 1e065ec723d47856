import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Explained } from '../log.mjs';

/**
 * Follows every link of the pages to a file and an anchor of the same site.
 *
 * @param {string} folder
 * @returns {number} of pages
 * @throws {Explained} naming those that lead nowhere
 */
export function checkLinks(folder) {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(folder, name));
  const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
  const broken = pages.flatMap((page) =>
    addressesIn(texts.get(page))
      .filter((address) => !leadsSomewhere(address, page, texts))
      .map((address) => `${relative(folder, page)}: ${address}`),
  );
  if (broken.length === 0) return pages.length;
  throw new Explained(`Links that lead nowhere:\n${broken.join('\n')}`);
}

/** @param {string} html */
function addressesIn(html) {
  const found = [...html.matchAll(/<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^"]+)"/g)];
  return [...new Set(found.map(([, address]) => address))];
}

/** @param {string} address @param {string} page @param {Map<string, string>} texts */
function leadsSomewhere(address, page, texts) {
  if (/^(https?:|data:)/.test(address)) return true;
  const [path, anchor] = address.split('#').map(decodeURIComponent);
  const target = path === '' ? page : join(dirname(page), path);
  if (!anchor) return existsSync(target);
  return texts.get(target)?.includes(`id="${anchor}"`) ?? false;
}
