import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Sixteen hexadecimal digits of a hash over the compiled code of the trainer and of the network: the
 * same on two machines if and only if both train alike. A version number would have to be raised at
 * every commit.
 */
export async function codeVersion(): Promise<string> {
  const trainer = fileURLToPath(new URL('..', import.meta.url));
  const network = dirname(createRequire(import.meta.url).resolve('emotion-cam/network'));
  const hash = createHash('sha256');
  for (const folder of [trainer, network]) {
    const names = (await readdir(folder, { recursive: true }))
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.js'))
      .sort();
    for (const name of names) {
      hash.update(`${name}\n`);
      hash.update(await readFile(join(folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
