/**
 * `npm run build:native`: compiles native/*.cc to native/trainer.node, the trainer's "native" back
 * end. Needs g++ and oneDNN 2 (Debian 12: apt-get install g++ libdnnl-dev).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Explained, runMain, say } from '../../../scripts/lib/log.mjs';

const INSTALL = 'On Debian: apt-get install g++ libdnnl-dev. Without it the trainer uses wasm.';
const FOLDER = fileURLToPath(new URL('../native/', import.meta.url));
const MODULE = 'trainer.node';
/** For this processor. Comparisons that may trap would keep loops from being vectorised. */
const OPTIMISATION = [
  ...['-O3', '-march=native', '-fno-trapping-math'],
  ...(process.arch === 'x64' ? ['-mprefer-vector-width=512'] : []),
];

/** @param {readonly string[]} args @param {string} [input] */
function compiler(args, input = '') {
  const run = spawnSync('g++', args, { input, encoding: 'utf8' });
  if (run.error) {
    throw new Explained(`There is no C++ compiler: g++ does not start. ${INSTALL}`);
  }
  return { ok: run.status === 0, output: run.stderr };
}

/** The folder of node_api.h, which comes with Node. */
function nodeHeaders() {
  const folder = resolve(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(folder, 'node_api.h'))) return folder;
  throw new Explained(
    `Node's headers are not where they belong: there is no ${join(folder, 'node_api.h')}. ` +
      'Use a Node from nodejs.org, which brings them. Without them the trainer uses wasm.',
  );
}

function requireOneDnn() {
  const source =
    '#include <oneapi/dnnl/dnnl_version.h>\n#if DNNL_VERSION_MAJOR != 2\n#error\n#endif\n';
  const probe = compiler(['-x', 'c++', '-fsyntax-only', '-'], source);
  if (!probe.ok) throw new Explained(`The headers of oneDNN 2 are not installed. ${INSTALL}`);
}

await runMain(async () => {
  const headers = nodeHeaders();
  requireOneDnn();
  const sources = (await readdir(FOLDER)).filter((name) => name.endsWith('.cc'));
  // Compiled beside the old one, which a running training may have open, then put in its place.
  const temporary = await mkdtemp(join(FOLDER, 'building-'));
  try {
    const output = join(temporary, MODULE);
    const built = compiler([
      ...OPTIMISATION,
      ...['-std=c++20', '-fPIC', '-shared', '-fopenmp', `-I${headers}`],
      ...sources.map((name) => join(FOLDER, name)),
      ...['-o', output, '-ldnnl'],
    ]);
    if (!built.ok)
      throw new Explained(`g++ could not compile the native back end:\n${built.output}`);
    await rename(output, join(FOLDER, MODULE));
    say(`Built ${join(FOLDER, MODULE)}`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
});
