import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** Vue takes tags with a hyphen for components of its own unless it is told. */
const isCustomElement = (tag) => tag.includes('-');

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } }), svelte()],
  esbuild: { jsx: 'automatic' },
  worker: { format: 'es' },
  build: { outDir: 'site', rollupOptions: { input: ['vue.html', 'svelte.html', 'react.html'] } },
});
