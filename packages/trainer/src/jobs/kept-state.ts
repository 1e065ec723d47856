import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RESULT_FILES } from '../results.js';
import { PREVIOUS_CHECKPOINTS } from '../run-folder.js';
import type { Storage } from './storage.js';

/** Which block holds each file of a run: `{ "last.ckpt": "<sha-256>", … }`. */
type Index = Readonly<Record<string, string>>;

const INDEX = 'state.json';

const PREVIOUS: ReadonlySet<string> = new Set(PREVIOUS_CHECKPOINTS);

/**
 * The files of an unfinished job in a storage, so that another machine goes on where this one was.
 *
 * The files lie there under the hash of their contents, and the index names them: it is written last,
 * so a machine that dies while it stores leaves the state before, whole; a best and a last
 * checkpoint of different moments never come together. A finished job lies there under the plain
 * names of its files, `metrics.json` written last.
 */
export class KeptState {
  readonly #storage: Storage;
  readonly #key: string;

  /** @param key - the job's folder in the storage */
  constructor(storage: Storage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** Whether the job's results are here: its worker may have died before it could say so. */
  async isFinished(): Promise<boolean> {
    return (await this.#storage.read(`${this.#key}/${RESULT_FILES.metrics}`)) !== undefined;
  }

  /** Writes the state into a folder; nothing where there is none, or not all of it. */
  async fetch(folder: string): Promise<void> {
    const index = await this.#index();
    const files: [string, Buffer][] = [];
    for (const [name, hash] of Object.entries(index)) {
      const bytes = await this.#storage.read(this.#block(hash));
      if (!bytes || sha256(bytes) !== hash) return; // one that is half there is begun anew
      files.push([name, bytes]);
    }
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  }

  /** Keeps the folder's files as they are now. The caller sees to it that they do not change. */
  async store(folder: string): Promise<void> {
    const before = await this.#index();
    const kept = new Set(Object.values(before));
    const index: Record<string, string> = {};
    for (const [name, bytes] of await filesOf(folder)) {
      const hash = sha256(bytes);
      index[name] = hash;
      if (!kept.has(hash)) await this.#storage.write(this.#block(hash), bytes);
    }
    await this.#storage.write(`${this.#key}/${INDEX}`, Buffer.from(JSON.stringify(index)));
    const named = new Set(Object.values(index));
    for (const hash of kept) {
      if (!named.has(hash)) await this.#storage.remove(this.#block(hash));
    }
  }

  /** Keeps a finished run's files under their own names, in place of the state. */
  async finish(folder: string): Promise<void> {
    const files = await filesOf(folder);
    const isLast = ([name]: [string, Buffer]): boolean => name === RESULT_FILES.metrics;
    for (const [name, bytes] of [...files.filter((f) => !isLast(f)), ...files.filter(isLast)]) {
      await this.#storage.write(`${this.#key}/${name}`, bytes);
    }
    const index = await this.#index();
    await this.#storage.remove(`${this.#key}/${INDEX}`);
    for (const hash of Object.values(index)) await this.#storage.remove(this.#block(hash));
  }

  async #index(): Promise<Index> {
    const bytes = await this.#storage.read(`${this.#key}/${INDEX}`);
    return bytes ? (JSON.parse(bytes.toString('utf8')) as Index) : {};
  }

  #block(hash: string): string {
    return `${this.#key}/blocks/${hash}`;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * A run's files; what is being written at this moment is none of them, and the checkpoints before the
 * last one are not needed: the last one here is always whole.
 */
async function filesOf(folder: string): Promise<[string, Buffer][]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => !name.endsWith('.writing') && !PREVIOUS.has(name))
    .sort();
  return Promise.all(
    names.map(async (name): Promise<[string, Buffer]> => [
      name,
      await readFile(join(folder, name)),
    ]),
  );
}
