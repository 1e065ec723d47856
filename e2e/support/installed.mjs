import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, run } from '../../scripts/lib/run.mjs';

/** What the projects need besides the package. */
const TOOLS = [
  ...['vite', 'webpack', 'rollup', 'esbuild', '@rollup/plugin-commonjs'],
  ...['@rollup/plugin-node-resolve', '@sveltejs/vite-plugin-svelte', '@vitejs/plugin-vue'],
  ...['react', 'react-dom', '@types/react', 'svelte', 'typescript', 'vue'],
];

/**
 * The package as its users get it: packed by npm, unpacked into `node_modules`. What it depends on by its
 * own word, and nothing else, lies beside it, as links into this repository's `node_modules`, so that
 * no network is needed.
 */
export class Installation {
  /** Holds `node_modules`. */
  folder = mkdtempSync(join(tmpdir(), 'emotion-cam-installed-'));

  /** Packs and unpacks. Needs the package to be built. */
  async install() {
    await must('npm', ['pack', '--silent', '--pack-destination', this.folder], SDK);
    const { version } = readPackage(SDK);
    const installed = join(this.folder, 'node_modules/emotion-cam');
    mkdirSync(installed, { recursive: true });
    const tarball = `emotion-cam-${version}.tgz`;
    await must('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], this.folder);
    for (const name of [...Object.keys(readPackage(installed).dependencies), ...TOOLS]) {
      const link = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(`${ROOT}node_modules/${name}`, link);
    }
  }

  /** Copies a project of `e2e/projects` into the installation. @param {string} name @returns {string} its folder */
  addProject(name) {
    const project = join(this.folder, name);
    cpSync(new URL(`../projects/${name}`, import.meta.url), project, { recursive: true });
    symlinkSync(join(this.folder, 'node_modules'), join(project, 'node_modules'));
    return project;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const SDK = `${ROOT}packages/sdk`;

/** @param {string} folder */
const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @throws {Error} it failed, with what it printed
 */
export async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, quiet: true });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
}
