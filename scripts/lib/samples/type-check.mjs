import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../run.mjs';

/** What samples may use without saying where it is from. */
const AMBIENT = `
import type { EmotionCam } from 'emotion-cam';
declare global {
  /** The page's <emotion-cam>, which runs. */
  const cam: EmotionCam;
  /** A <video> that plays. */
  const video: HTMLVideoElement;
  interface ParentNode {
    /** A sample's page has one. */
    querySelector(selectors: 'emotion-cam'): EmotionCam;
  }
}`;

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force, // each sample is a module of its own
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['@webgpu/types'],
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  noImplicitAny: false, // samples in JavaScript have no types to give
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
};

/**
 * Checks samples against the types of the built package, all in one program.
 *
 * @param {readonly import('./samples.mjs').Sample[]} samples in js, ts, jsx or tsx
 * @returns {string[]} what is wrong, with document and line
 */
export function typeCheck(samples) {
  const folder = join(ROOT, 'packages/sdk/samples'); // not on disk; the package is found from there
  const ambient = join(folder, 'ambient.d.ts');
  /** @type {Map<string, import('./samples.mjs').Sample>} */
  const files = new Map(
    samples.map((sample, i) => [
      join(folder, `${i}.m${sample.language}`.replace(/m(?=\wsx)/, '')),
      sample,
    ]),
  );
  const textOf = (name) => (name === ambient ? AMBIENT : files.get(name)?.code);
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => textOf(name) !== undefined || fileExists(name);
  host.readFile = (name) => textOf(name) ?? readFile(name);
  host.getSourceFile = (name, options, ...rest) => {
    const text = textOf(name);
    if (text === undefined) return getSourceFile.call(host, name, options, ...rest);
    return ts.createSourceFile(name, text, options, true);
  };
  const program = ts.createProgram([ambient, ...files.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    const sample = file && files.get(file.fileName);
    if (!sample) return `${file?.fileName ?? ''} ${message}`;
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${sample.place}, line ${line + 1} of the sample: ${message}`;
  });
}
