import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';

export default {
  input: {
    main: 'main.js',
    'pipeline-worker': 'node_modules/emotion-cam/dist/worker/pipeline-worker.js',
  },
  output: { dir: 'site' },
  plugins: [nodeResolve({ browser: true }), commonjs()],
};
