#!/usr/bin/env node
import { Command } from 'commander';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { inspectCommand } from './commands/inspect.js';
import { reportCommand } from './commands/report.js';
import { trainCommand } from './commands/train.js';
import { TrainerError } from './errors.js';

const program = new Command('trainer')
  .description('Trains, evaluates and exports FDRL-ECANet.')
  .showHelpAfterError();
const commands = [
  trainCommand(),
  evaluateCommand(),
  exportCommand(),
  inspectCommand(),
  reportCommand(),
];
for (const command of commands) {
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof TrainerError)) throw error;
  process.stderr.write(`\n${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
