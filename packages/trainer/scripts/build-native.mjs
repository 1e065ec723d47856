/**
 * `npm run build:native`: compiles native/<binding>.cc to native/<binding>.node, the trainer's "native"
 * back end. Needs g++ and oneDNN 2 (Debian 12: apt-get install g++ libdnnl-dev).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Explained, runMain, say } from '../../../scripts/lib/log.mjs';

const INSTALL = 'On Debian: apt-get install g++ libdnnl-dev. Without it the trainer uses wasm.';
const FOLDER = fileURLToPath(new URL('../native/', import.meta.url));
/** Each binding and the libraries that it is linked with. */
const BINDINGS = { convolution: ['-fopenmp', '-ldnnl'], 'batch-norm': [] };

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
  // Compiled beside the old ones, which a running training may have open, then put in their place.
  const temporary = await mkdtemp(join(FOLDER, 'building-'));
  try {
    for (const [name, libraries] of Object.entries(BINDINGS)) {
      const built = compiler([
        ...['-O3', '-march=native', '-std=c++17', '-fPIC', '-shared', `-I${headers}`],
        `-DNODE_GYP_MODULE_NAME=${name.replaceAll('-', '_')}`,
        ...[join(FOLDER, `${name}.cc`), '-o', join(temporary, `${name}.node`), ...libraries],
      ]);
      if (!built.ok) throw new Explained(`g++ could not compile ${name}.cc:\n${built.output}`);
    }
    for (const name of Object.keys(BINDINGS)) {
      await rename(join(temporary, `${name}.node`), join(FOLDER, `${name}.node`));
      say(`Built ${join(FOLDER, `${name}.node`)}`);
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
});
