/**
 * `npm run docs`: the documentation as static pages in `dist/docs`, from the guides, the code's own
 * comments and the element's manifest. It fails where a link leads nowhere.
 */
import { buildDocs } from './lib/docs/build-docs.mjs';
import { runMain, say } from './lib/log.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await runMain(async () => {
  await ensureInstalled();
  const { folder, pages } = await buildDocs();
  say(`${pages} pages in ${folder}; open index.html`);
});
