import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Explained } from '../../scripts/lib/log.mjs';

/**
 * Runs a script in a process of its own and kills it once it has sent its answer: what it left compiled or in
 * the card's memory is gone for the next, and Dawn's and onnxruntime-web's threads keep Node.
 *
 * @param {string} script in this folder
 * @param {readonly string[]} [args]
 * @returns {Promise<any>} what it sends
 * @throws {Explained} it ended before it had sent anything
 */
export async function answerOf(script, args = []) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Explained(
      `${[script, ...args].join(' ')} ended with exit code ${code} before it had answered.`,
    );
  });
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  child.kill('SIGKILL');
  return answer;
}
