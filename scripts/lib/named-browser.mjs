import { troubleWith } from '../../packages/sdk/cli/chromium-places.mjs';
import { Explained } from './log.mjs';

/**
 * The browser that a variable of the environment names.
 *
 * @param {string} variable
 * @param {string} what the executable is to be
 * @returns {Promise<string | undefined>} undefined: it is not set
 * @throws {Explained} it names something that does not exist or does not start
 */
export async function namedBrowser(variable, what) {
  const path = process.env[variable];
  if (!path) return undefined;
  const trouble = await troubleWith(path);
  if (!trouble) return path;
  throw new Explained(
    `${variable} is ${path}, which ${trouble}. Set it to the executable of ${what}, or unset it.`,
  );
}
