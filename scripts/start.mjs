/**
 * `npm start`: installs what is missing, builds the demo, serves it and says what to open.
 * `npm start -- --check`: the same, then recognises the recorded clip once in headless Chromium.
 */
import { FIRST_PORT, SITE, buildDemo, hasWeights } from './lib/build.mjs';
import { bold, dim, runMain, say } from './lib/log.mjs';
import { ensureInstalled } from './lib/setup.mjs';

const USAGE = `Usage: npm start [-- --check]

  Builds the demo, serves it on http://localhost:${FIRST_PORT} or the next free port.
  --check   also load the page once in headless Chromium with the recorded clip, print the
            recognised expression and end; exit code 1 when nothing is recognised`;

await runMain(async () => {
  const [option, ...rest] = process.argv.slice(2);
  if (option && (option !== '--check' || rest.length > 0)) {
    say(USAGE);
    return option === '--help' ? 0 : 2;
  }
  await ensureInstalled();
  await buildDemo();
  if (!hasWeights())
    say('  models/fdrl-ecanet is not there: the page will say that it has no weights.');

  const { serve } = await import('./lib/server.mjs');
  const server = await serve(SITE, FIRST_PORT);
  if (option === '--check') {
    const { checkDemo } = await import('./lib/check.mjs');
    try {
      return await checkDemo(server.url);
    } finally {
      await server.close();
    }
  }
  if (server.port !== FIRST_PORT) say(`  Port ${FIRST_PORT} is taken, so it is ${server.port}.`);
  say(`\n  Open ${bold(server.url)} and allow the camera.`);
  say(`  No camera? ${server.url}?source=clip shows the recorded clip.`);
  say(dim('  Ctrl-C ends the server. Nothing leaves this machine.\n'));
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.close();
  return 0;
});
