import { Command } from 'commander';
import { writeReport } from '../report/write-report.js';
import { Reporter } from '../reporter.js';

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'turn the results of a run, a pre-training, a cross validation or an ablation into one HTML page',
    )
    .argument('<folder>', 'holds metrics.json, for example runs/<run>')
    .option('--out <file>', 'where the page goes (default: report.html in the folder)')
    .option(
      '--grad-cam-images <folder>',
      'explain these faces instead of the one that may be published; the page will hold them',
    )
    .action(async (folder: string, options: { out?: string; gradCamImages?: string }) => {
      new Reporter().line(`Report: ${await writeReport({ folder, ...options })}`);
    });
}
