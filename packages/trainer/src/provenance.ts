import { availableParallelism, cpus, totalmem } from 'node:os';
import { commandLine } from './command-line.js';
import type { Provenance } from './results.js';

/** This moment, this machine, this command line. */
export function provenance(): Provenance {
  return {
    command: commandLine(),
    created: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
  };
}
