/** `npm run trainer -- <command> …`: installs and compiles what is missing, then runs the trainer. */
import { runMain } from './lib/log.mjs';
import { ROOT, run, runTool } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await runMain(async () => {
  await ensureInstalled();
  const { code } = await runTool('typescript/bin/tsc', ['-b', 'packages/trainer']);
  if (code !== 0) return code;
  const cli = `${ROOT}packages/trainer/dist/cli.js`;
  // INIT_CWD: where npm was called, so that relative paths mean what the user typed.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return (await run(process.execPath, [cli, ...process.argv.slice(2)], { cwd })).code;
});
