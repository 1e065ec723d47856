import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must, MANIFEST_ARGS } from '../build.mjs';
import { Explained, step } from '../log.mjs';
import { ROOT } from '../run.mjs';
import { checkLinks } from './check-links.mjs';
import { documents, GROUPS } from './documents.mjs';
import { elementReference } from './element-reference.mjs';
import { ELEMENT_REFERENCE, INDEX, siteDocument } from './site-document.mjs';

/** Documents as they are for the site; TypeDoc reads them there. */
const SOURCE = join(ROOT, 'dist/docs-source');

/** @type {import('typedoc').TypeDocOptions} */
const OPTIONS = {
  name: 'emotion-cam',
  entryPoints: ['packages/sdk/src/index.ts'], // define.js and react give the same classes
  tsconfig: 'packages/sdk/tsconfig.json',
  customCss: 'scripts/lib/docs/site.css',
  disableSources: true, // the repository has no public address yet
  hideGenerator: true,
  excludeExternals: true, // nobody looks here for what HTMLElement has
  excludePrivate: true,
  excludeProtected: true,
  excludeReferences: true,
  // The element's own tags are on its reference page, made from the same comment.
  blockTags: ['@fires', '@slot', '@attr', '@csspart', '@cssproperty', '@cssstate', '@tagname'],
  navigation: { includeGroups: true, includeCategories: false, includeFolders: true },
  requiredToBeDocumented: [
    'Class',
    'Interface',
    'TypeAlias',
    'Variable',
    'Function',
    'GetSignature',
  ],
  validation: {
    invalidLink: true,
    invalidPath: true,
    notDocumented: true,
    notExported: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};

/**
 * @param {string} [folder] where the pages go
 * @returns {Promise<{ folder: string, pages: number }>}
 * @throws {Explained} a comment is missing or a link leads nowhere; what and where was said
 */
export async function buildDocs(folder = join(ROOT, 'dist/docs')) {
  step('Writing the documentation');
  await must('@custom-elements-manifest/analyzer/cem.js', MANIFEST_ARGS);
  const paths = writeSource();

  const { Application, OptionDefaults } = await import('typedoc');
  const app = await Application.bootstrap({
    ...OPTIONS,
    blockTags: [...OptionDefaults.blockTags, ...OPTIONS.blockTags],
    notRenderedTags: [...OptionDefaults.notRenderedTags, ...OPTIONS.blockTags],
    excludeTags: [...OptionDefaults.excludeTags, '@category'], // Lit's, of what is inherited
    highlightLanguages: [...OptionDefaults.highlightLanguages, 'jsx', 'vue', 'svelte', 'ini'],
    groupOrder: [...GROUPS, '*'],
    readme: join(SOURCE, INDEX),
    projectDocuments: paths.map((path) => join(SOURCE, path)),
  });
  const project = await app.convert();
  if (project) {
    app.validate(project);
    await app.generateDocs(project, folder);
  }
  if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Explained('The documentation was not made; what is wrong stands above.');
  }
  return { folder, pages: checkLinks(folder) };
}

/** Writes the documents, in the folders of the repository. @returns {string[]} all but the README */
function writeSource() {
  rmSync(SOURCE, { recursive: true, force: true });
  const groups = documents();
  const isDocument = (path) => path in groups || path === INDEX;
  for (const path of [INDEX, ...Object.keys(groups)]) {
    const { title, text, pictures } = siteDocument(path, isDocument);
    const head = path === INDEX ? '' : frontMatter(title, groups[path]);
    write(path, `${head}${text}`);
    for (const picture of pictures) {
      mkdirSync(dirname(join(SOURCE, picture)), { recursive: true });
      copyFileSync(join(ROOT, picture), join(SOURCE, picture));
    }
  }
  write(
    ELEMENT_REFERENCE,
    frontMatter('Attributes, events, parts', 'Element') + elementReference(),
  );
  return [...Object.keys(groups), ELEMENT_REFERENCE];
}

/** @param {string} title @param {string} group */
const frontMatter = (title, group) =>
  `---\ntitle: ${JSON.stringify(title)}\ngroup: ${group}\n---\n`;

/** @param {string} path @param {string} content */
function write(path, content) {
  const file = join(SOURCE, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
