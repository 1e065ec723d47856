// Trains in a process of its own, which a test may kill: `node train-child.mjs <options as JSON>`.
// Tells its parent of every step, and saves after every step.
import { Reporter } from '../../dist/reporter.js';
import { hasCheckpoint } from '../../dist/run-folder.js';
import { train } from '../../dist/train.js';

class SilentReporter extends Reporter {
  line() {
    // nobody reads it
  }

  progress() {
    // nobody reads it
  }
}

const { config, root, runFolder } = JSON.parse(process.argv[2]);
await train({
  config,
  roots: { 'raf-db': root },
  runFolder,
  backend: { name: 'wasm', workers: 2, reason: 'the test says so' },
  resume: hasCheckpoint(runFolder),
  overwrite: false,
  checkpointMinutes: 0,
  onStep: ({ stage, epoch, step }) => process.send([stage, epoch, step]),
  signal: new AbortController().signal,
  reporter: new SilentReporter(),
});
process.disconnect();
