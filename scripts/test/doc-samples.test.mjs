import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../lib/run.mjs';
import { readSamples, scriptsOf } from '../lib/samples/samples.mjs';
import { typeCheck } from '../lib/samples/type-check.mjs';

/** What `npx emotion-cam` runs. */
const COMMAND = `${ROOT}packages/sdk/dist/cli/emotion-cam.js`;

const samples = readSamples();
/** @param {string} kind */
const ofKind = (kind) => samples.filter((sample) => sample.kind === kind);

describe('samples in the documentation', () => {
  it('fit the types of the package', () => {
    const typed = [...ofKind('run'), ...ofKind('typed')];
    const modules = typed.flatMap((one) => (one.language === 'html' ? scriptsOf(one) : [one]));
    expect(modules.length).toBeGreaterThan(15);
    expect(typeCheck(modules)).toEqual([]);
  });

  it('style parts and custom properties that the element has', () => {
    const source = readFileSync(`${ROOT}packages/sdk/src/emotion-cam.ts`, 'utf8');
    const has = (...tags) => tags.some((tag) => source.includes(tag));
    for (const { place, code } of ofKind('style')) {
      for (const [, part] of code.matchAll(/::part\(([\w-]+)\)/g)) {
        expect(has(`@csspart ${part}\n`, `@csspart ${part} `), `${place}: ${part}`).toBe(true);
      }
      for (const [property] of code.matchAll(/--emotion-cam-[\w-]+/g)) {
        expect(
          has(`@cssproperty [${property}]`, `@cssproperty [${property}=`),
          `${place}: ${property}`,
        ).toBe(true);
      }
    }
  });

  it('call commands and options that there are', () => {
    const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
    const commands = trainerCommands();
    const help = execFileSync(process.execPath, [COMMAND, '--help'], { encoding: 'utf8' });
    for (const { place, code } of ofKind('shell')) {
      for (const line of code.replaceAll('\\\n', ' ').split('\n')) {
        const [, script, rest = ''] = /^npm (?:run )?([\w:]+)(?: -- (.*))?/.exec(line) ?? [];
        if (script) expect(Object.keys(scripts), `${place}: ${line}`).toContain(script);
        if (line.startsWith('npx emotion-cam ')) {
          for (const [option] of line.matchAll(/--[\w-]+/g))
            expect(help, `${place}: ${line}`).toContain(`  ${option} `);
        }
        if (script !== 'trainer' || rest.startsWith('<')) continue;
        const [name = '', ...words] = rest.replace(/#.*/, '').split(/\s+/);
        const options = words.filter((word) => word.startsWith('--'));
        expect([...commands.keys()], `${place}: ${line}`).toContain(name);
        for (const option of options)
          expect(commands.get(name), `${place}: ${line}`).toContain(option);
      }
    }
  });
});

/** The trainer's commands and their options. @returns {Map<string, string[]>} */
function trainerCommands() {
  const commands = pathToFileURL(`${ROOT}packages/trainer/dist/commands/`).href;
  const code = `
    import { readdirSync } from 'node:fs';
    const folder = new URL(${JSON.stringify(commands)});
    const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const modules = await Promise.all(names.map((name) => import(new URL(name, folder))));
    const makers = modules.flatMap((module) =>
      Object.keys(module).filter((name) => name.endsWith('Command')).map((name) => module[name]));
    const commands = makers.map((make) => make());
    const known = commands.map((one) => [one.name(), one.options.map(({ long }) => long)]);
    process.stdout.write('\\n' + JSON.stringify(known));`;
  // In a Node of its own, which reads the compiled files as they are.
  const args = ['--input-type=module', '--eval', code];
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: ROOT });
  return new Map(JSON.parse(printed.slice(printed.lastIndexOf('\n'))));
}

describe('readSamples', () => {
  const read = (text) => readSamples(['a.md'], () => text);

  it('knows where a sample is', () => {
    const text = '# A\n\n```js\nf();\n```\n\n```python not-run\ng()\n```\n';
    expect(read(text)).toEqual([
      { place: 'a.md:3', language: 'js', kind: 'run', code: 'f();\n' },
      { place: 'a.md:7', language: 'python', kind: 'not-run', code: 'g()\n' },
    ]);
  });

  it('refuses a sample that no test runs and that does not say so', () => {
    expect(() => read('```python\ng()\n```\n')).toThrow('a.md:1: no test runs');
    expect(() => read('\n```\nwhat\n```\n')).toThrow('a.md:2: no test runs');
    expect(() => read('```js norun\nf();\n```\n')).toThrow('the mark "norun" means nothing');
  });
});

describe('typeCheck', () => {
  it('names the line of what the package does not have', () => {
    const code = "import { EmotionRecognizer } from 'emotion-cam';\nEmotionRecognizer.make();\n";
    const [problem] = typeCheck([{ place: 'a.md:1', language: 'ts', kind: 'run', code }]);
    expect(problem).toContain('a.md:1, line 2 of the sample:');
    expect(problem).toContain("'make'");
  });
});
