import { editorData } from './scripts/lib/editor-data.mjs';

/** `cem analyze`: the element's attributes, events, slots and parts for editors and documentation. */
export default {
  globs: ['packages/sdk/src/emotion-cam.ts', 'packages/sdk/src/events.ts'],
  outdir: 'packages/sdk/dist',
  litelement: true,
  plugins: [editorData('packages/sdk/dist/vscode.html-custom-data.json')],
};
