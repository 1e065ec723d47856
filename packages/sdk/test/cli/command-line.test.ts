import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliError } from '../../cli/cli-error.js';
import { readCommandLine, type AnalyzeCommand } from '../../cli/command-line.js';

describe('readCommandLine', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'emotion-cam-command-')));
  const [first, second] = ['first.mp4', 'second.webm'].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  const csv = ['--csv', join(folder, 'out.csv')];

  beforeAll(() => {
    for (const file of [first, second, join(folder, 'there.csv'), join(folder, 'manifest.json')]) {
      writeFileSync(file, '-');
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function read(...args: string[]): AnalyzeCommand {
    const command = readCommandLine(['analyze', ...args]);
    if ('show' in command) throw new Error(`It would show ${command.show}.`);
    return command;
  }

  function refusal(...args: string[]): string {
    try {
      readCommandLine(args);
    } catch (error) {
      expect(error).toBeInstanceOf(CliError);
      expect((error as CliError).exitCode).toBe(2);
      return (error as CliError).message;
    }
    throw new Error('It was not refused.');
  }

  it('takes a video and where its outputs go', () => {
    expect(read(first, ...csv)).toMatchObject({
      tasks: [{ video: first, outputs: { csv: join(folder, 'out.csv') } }],
      ...{ fps: undefined, model: undefined, maxFaces: 1, backend: 'auto', isSandboxed: true },
    });
    const options = ['--fps', '2.5', '--model', 'lite', '--max-faces', '3', '--backend', 'wasm'];
    expect(read(first, ...csv, ...options, '--no-sandbox', '--quiet')).toMatchObject({
      ...{
        fps: 2.5,
        model: 'lite',
        maxFaces: 3,
        backend: 'wasm',
        isSandboxed: false,
        isQuiet: true,
      },
    });
  });

  it('names the outputs of several videos after them', () => {
    const { tasks } = read(first, second, '--csv', '{dir}/{name}.csv', '--vtt', '{dir}/{name}.vtt');
    expect(tasks.map(({ outputs }) => outputs)).toEqual([
      { csv: join(folder, 'first.csv'), vtt: join(folder, 'first.vtt') },
      { csv: join(folder, 'second.csv'), vtt: join(folder, 'second.vtt') },
    ]);
    expect(refusal('analyze', first, second, ...csv)).toContain('put {name} into the names');
  });

  it('takes a folder with a model of one’s own', () => {
    expect(read(first, ...csv, '--model', folder)).toMatchObject({
      ...{ model: undefined, modelFolder: folder },
    });
    expect(refusal('analyze', first, ...csv, '--model', 'larger')).toContain('full, lite, auto');
  });

  it('never writes over a file without being told to, nor over a video', () => {
    const there = ['--csv', join(folder, 'there.csv')];
    expect(refusal('analyze', first, ...there)).toMatch(
      /there\.csv exists; --force writes over it/,
    );
    expect(read(first, ...there, '--force').tasks).toHaveLength(1);
    expect(refusal('analyze', first, '--csv', first, '--force')).toContain('Two files would be');
    expect(refusal('analyze', first, '--csv', '/nowhere/out.csv')).toContain('no folder /nowhere');
  });

  it.each([
    [['analyse', 'x'], 'no command analyse'],
    [['analyze'], 'No video is named'],
    [['analyze', '/nowhere.mp4', '--csv', 'x.csv'], 'There is no file /nowhere.mp4'],
    [['analyze', '/', '--csv', 'x.csv'], '/ is no file'],
    [['analyze', '--csv'], "'--csv <value>' argument missing"],
    [['analyze', '--colour'], "Unknown option '--colour'"],
  ])('refuses %j', (args, expected) => {
    expect(refusal(...args)).toContain(expected);
  });

  it.each([
    [['--fps', '0'], '--fps is 0'],
    [['--fps', 'many'], '--fps is many'],
    [['--max-faces', '1.5'], '--max-faces is 1.5'],
    [['--backend', 'gpu'], 'expected auto, webgpu, wasm, cpu'],
  ])('refuses %j', (options, expected) => {
    expect(refusal('analyze', first, ...csv, ...options)).toContain(expected);
  });

  it('refuses a video without an output', () => {
    expect(refusal('analyze', first)).toContain('--csv, --json or --vtt');
  });

  it('shows help and version', () => {
    for (const args of [[], ['--help'], ['analyze', '--help']]) {
      expect(readCommandLine(args)).toEqual({ show: 'help' });
    }
    expect(readCommandLine(['--version'])).toEqual({ show: 'version' });
  });
});
