import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { configs as lit } from 'eslint-plugin-lit';
import { configs as wc } from 'eslint-plugin-wc';
import globals from 'globals';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Names that exist in a page and nowhere else: not in Node, not in the language. */
const PAGE_ONLY = Object.keys(globals.browser).filter(
  (name) => !(name in globals.node) && !(name in globals.builtin),
);

export default defineConfig(
  globalIgnores([
    '**/dist/',
    'runs/',
    'models/',
    '**/assets/',
    'packages/sdk/vendor/',
    '**/*.tmp.mjs',
    'coverage/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess in typed-array loops
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['packages/sdk/src/**/*.ts', 'packages/demo-widget/src/**/*.ts'],
    extends: [lit['flat/recommended'], wc['flat/best-practice']],
  },
  {
    // Everything the SDK and the trainer share runs on tfjs-core alone, in Node and in browsers.
    files: ['packages/sdk/src/network/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...PAGE_ONLY],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!@tensorflow/tfjs-core$|\\./|\\.\\./errors\\.js$)',
              message:
                'The network imports @tensorflow/tfjs-core, its own folder and errors.js only.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off', // chai's expect(x).to.be.true
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: [
      'e2e/**/*.{js,mjs}',
      'scripts/lib/probe.mjs',
      'scripts/screenshots.mjs',
      'scripts/screenshots/*.{js,mjs}',
    ],
    languageOptions: { globals: { ...globals.node, ...globals.browser } }, // functions run in the page
  },
  prettier,
);
