/** Lines on the terminal: colour only where a person reads them. */

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;

/** @param {string} code @param {string} text */
const paint = (code, text) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);

/** @param {string} text */
export const bold = (text) => paint('1', text);
/** @param {string} text */
export const dim = (text) => paint('2', text);
/** @param {string} text */
export const green = (text) => paint('32', text);
/** @param {string} text */
export const red = (text) => paint('31', text);

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** A step of a longer command. @param {string} text */
export function step(text) {
  say(`${bold('›')} ${text}`);
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Runs the main function of a script; what it throws becomes one sentence and exit code 1. The
 * stack is shown for bugs, not for an `Explained` error.
 *
 * @param {() => Promise<number | void>} main resolves to the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const text = error instanceof Explained ? error.message : (error?.stack ?? String(error));
    process.stderr.write(`${red('✗')} ${text}\n`);
    process.exitCode = 1;
  }
}

/** An error whose message already says what was got, what was expected and what to do. */
export class Explained extends Error {}
