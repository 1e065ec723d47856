/** A sample of code in a document. @typedef {{ language: string, marks: string[], code: string, line: number }} Sample */

const FENCE = /^(```+)(.*)\n([\s\S]*?)^\1 *$/gm;

/**
 * The fenced samples of a document.
 *
 * @param {string} markdown
 * @returns {Sample[]} `line` is that of the fence, from 1; `marks` are the words after the language
 */
export function samplesOf(markdown) {
  return [...markdown.matchAll(FENCE)].map(({ index, 2: info, 3: code }) => {
    const [language = '', ...marks] = info.trim().split(/\s+/);
    return { language, marks, code, line: markdown.slice(0, index).split('\n').length };
  });
}

/**
 * Changes what is not in a fenced sample.
 *
 * @param {string} markdown
 * @param {(prose: string) => string} change
 */
export function outsideCode(markdown, change) {
  let text = '';
  let from = 0;
  for (const { index, 0: sample } of markdown.matchAll(FENCE)) {
    text += change(markdown.slice(from, index)) + sample;
    from = index + sample.length;
  }
  return text + change(markdown.slice(from));
}

/** The anchor of a heading, as GitHub makes it. @param {string} heading without its marks */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
