import { build } from 'esbuild';

await build({
  entryPoints: [
    { in: 'main.js', out: 'main' },
    { in: 'node_modules/emotion-cam/dist/worker/pipeline-worker.js', out: 'pipeline-worker' },
  ],
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: 'site',
});
