/** How the command ends; `--help` lists the same. */
export const EXIT = {
  done: 0,
  /** A video could not be read, or not to its end. */
  failed: 1,
  /** The command line makes no sense, a file is missing, an output exists. */
  usage: 2,
  noChromium: 3,
  /** As a shell reports SIGINT and SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

/** What the person at the terminal is told, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
