/**
 * `npm run screenshots [-- folder]`: pictures of `<emotion-cam>` in every state and of the demo's pages, to be looked
 * at: light and dark, narrow and wide, left to right and right to left. `npm run screenshots -- --update` keeps them
 * as the references that a test compares with, `-- --readme` renews the README's. Needs the bundle: `npm run build`.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE } from './lib/build.mjs';
import { Explained, runMain, say, step } from './lib/log.mjs';
import { ROOT } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await runMain(async () => {
  await ensureInstalled();
  for (const file of [`${ROOT}packages/sdk/dist/emotion-cam.bundle.js`, `${SITE}/index.html`]) {
    if (!existsSync(file)) throw new Explained(`There is no ${file}. Run: npm run build`);
  }
  if (process.argv[2] === '--readme') {
    step('Taking docs/screenshot.png, while the demo reads the clip');
    const { takeReadmePicture } = await import('./screenshots/readme.mjs');
    return takeReadmePicture();
  }
  const { SHOTS, nameOf, openStudio } = await import('./screenshots/studio.mjs');
  const { keep } = await import('./screenshots/references.mjs');
  const isUpdate = process.argv[2] === '--update';
  const folder = (!isUpdate && process.argv[2]) || `${ROOT}packages/demo-widget/dist/screenshots`;
  await mkdir(folder, { recursive: true });
  step('Reading the stills');
  const studio = await openStudio();
  try {
    step(`Taking ${SHOTS.length} pictures${isUpdate ? ' as references' : ` into ${folder}`}`);
    for (const shot of SHOTS) {
      const picture = await studio.take(shot);
      if (isUpdate) await keep(nameOf(shot), picture);
      else await writeFile(join(folder, `${nameOf(shot)}.png`), picture);
      say(nameOf(shot));
    }
  } finally {
    await studio.close();
  }
});
