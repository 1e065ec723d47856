import { aptInstall } from './apt.mjs';
import { say } from './log.mjs';
import { run } from './run.mjs';

/**
 * Provides Debian's redis-server for the tests of the trainer's queue, where this is Debian and the
 * user is root. Elsewhere those tests fail and say what to install.
 */
export async function ensureRedis() {
  const { code } = await run('redis-server', ['--version'], { quiet: true });
  if (code === 0 || (await aptInstall(['redis-server'], 'redis-server'))) return;
  say(
    '  There is no redis-server; tests of the queue will fail. Debian: apt-get install redis-server',
  );
}
