import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { samplesOf } from '../lib/markdown.mjs';
import { ROOT } from '../lib/run.mjs';

const GUIDE = readFileSync(`${ROOT}docs/guides/frameworks.md`, 'utf8');

/** A link to a file of the projects, alone on its line but for words behind it, and the sample below. */
const LINKED = /^\[`[^`]+`\]\(\.\.\/\.\.\/(e2e\/projects\/[^)]+)\).*\n\n```.*\n([\s\S]*?)^```$/gm;

const linked = [...GUIDE.matchAll(LINKED)].map(([, path, code]) => ({ path, code }));

it('the guide shows a file in every sample but the first', () => {
  expect(linked).toHaveLength(samplesOf(GUIDE).length - 1);
});

it.each(linked)('the sample of $path is that file, which the tests run', ({ path, code }) => {
  expect(code).toBe(readFileSync(`${ROOT}${path}`, 'utf8'));
});
