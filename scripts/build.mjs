/** `npm run build`: installs what is missing, compiles every package and bundles the SDK and the demo. */
import { buildAll } from './lib/build.mjs';
import { runMain } from './lib/log.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await runMain(async () => {
  await ensureInstalled();
  await buildAll();
});
