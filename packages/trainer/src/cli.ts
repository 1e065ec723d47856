#!/usr/bin/env node
import { Command } from 'commander';
import { ablateCommand } from './commands/ablate.js';
import { crossValidateCommand } from './commands/cross-validate.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { inspectCommand } from './commands/inspect.js';
import { pretrainCommand } from './commands/pretrain.js';
import { reportCommand } from './commands/report.js';
import { trainCommand } from './commands/train.js';
import { workCommand } from './commands/work.js';
import { TrainerError } from './errors.js';

const program = new Command('trainer')
  .description('Trains, evaluates and exports FDRL-ECANet.')
  .showHelpAfterError();
const commands = [
  inspectCommand(),
  trainCommand(),
  pretrainCommand(),
  evaluateCommand(),
  crossValidateCommand(),
  ablateCommand(),
  workCommand(),
  reportCommand(),
  exportCommand(),
];
for (const command of commands) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof TrainerError)) throw error;
  process.stderr.write(`\n${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
