import { existsSync } from 'node:fs';
import { say, step } from './log.mjs';
import { run } from './run.mjs';

/**
 * Provides Debian's redis-server for the tests of the trainer's queue, where this is Debian and the
 * user is root. Elsewhere those tests fail and say what to install.
 */
export async function ensureRedis() {
  const { code } = await run('redis-server', ['--version'], { quiet: true });
  if (code === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (process.platform === 'linux' && isRoot && existsSync('/usr/bin/apt-get')) {
    step('Installing redis-server with apt-get');
    // The package would start a server of its own; the tests start theirs.
    const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'];
    await run('apt-get', ['update', '-qq'], { env });
    if ((await run('apt-get', install, { env })).code === 0) return;
  }
  say(
    '  There is no redis-server; tests of the queue will fail. Debian: apt-get install redis-server',
  );
}
