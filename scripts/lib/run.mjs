import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, absolute, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the repository's root
 * @property {NodeJS.ProcessEnv} [env] added to the environment
 * @property {boolean} [quiet] collect the output instead of showing it; default false
 * @property {number} [timeoutMs] kill the command after this long; default: never
 */

/**
 * Runs a command to its end. SIGINT and SIGTERM reach the command and do not end this process before
 * it; Ctrl-C on a terminal already reaches both.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>} code 127: no such command; 124: timed out;
 *   128 + signal: killed; output: stdout and stderr together when quiet, else ''
 */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    /** @type {string[]} */
    const output = [];
    child.stdout?.setEncoding('utf8').on('data', (text) => output.push(text));
    child.stderr?.setEncoding('utf8').on('data', (text) => output.push(text));

    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    let timedOut = false;
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    const settle = () => {
      clearTimeout(timer);
      process.off('SIGINT', forward).off('SIGTERM', forward);
    };
    child.on('error', (error) => {
      settle();
      if ('code' in error && error.code === 'ENOENT') resolve({ code: 127, output: error.message });
      else reject(error);
    });
    child.on('close', (code, signal) => {
      settle();
      const killed = signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137;
      resolve({ code: timedOut ? 124 : (code ?? killed), output: output.join('') });
    });
  });
}

/**
 * Runs the command line of an installed npm package with this Node, without a shell or npx.
 *
 * @param {string} script path below node_modules, for example 'typescript/bin/tsc'
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runTool(script, args, options) {
  return run(process.execPath, [`${ROOT}node_modules/${script}`, ...args], options);
}
