import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run.mjs';

/** Guides in the order in which they are read; others follow them. */
const FIRST = [
  ...['embedding', 'frameworks', 'self-hosting', 'studies', 'analysis', 'privacy'],
  ...['accuracy', 'performance', 'troubleshooting', 'training-your-own'],
].map((name) => `docs/guides/${name}.md`);

/** Of those that explain the trainer. */
const TRAINER = [
  ...['training', 'datasets', 'pretraining', 'experiments', 'results', 'export', 'paper'],
].map((name) => `docs/${name}.md`);

/** The headings of the site, in order. */
export const GROUPS = ['Guides', 'Element', 'Training', 'Models', 'Project', 'Decisions'];

/**
 * The documents of the repository that the site has, by their paths, and below which heading.
 *
 * @returns {Record<string, string>}
 */
export function documents() {
  const below = (folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}/${name}`);
  const models = readdirSync(join(ROOT, 'models')).map((name) => `models/${name}/MODEL_CARD.md`);
  const groups = {
    Guides: [...FIRST, ...below('docs/guides'), ...below('docs')],
    Training: [...TRAINER, 'packages/trainer/results/README.md'],
    Models: models.filter((path) => existsSync(join(ROOT, path))),
    Project: ['docs/data-flow.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
    Decisions: below('docs/decisions'),
  };
  // A path that comes twice keeps its place and takes the later heading.
  return Object.fromEntries(
    Object.entries(groups).flatMap(([group, paths]) => paths.map((path) => [path, group])),
  );
}
