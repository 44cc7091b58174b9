import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { awaited } from './dev/lint-awaited.js';
import { directions } from './dev/lint-directions.js';

const nodeGlobals = ['require', 'module', 'process', 'console', '__dirname', 'Atomics', 'SharedArrayBuffer'];

// Rules that find bugs; those that need types are in .oxlintrc.json, but for one. How code looks is Prettier's business; how long it is, the reader's.
export default tseslint.config(
  { ignores: ['node_modules/', '.tools/', '.rubicon/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,js,mjs}'],
    plugins: { rubicon: { rules: { awaited, directions } } },
    rules: { 'rubicon/directions': 'error', eqeqeq: ['error', 'always', { null: 'ignore' }] },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      'no-undef': 'off', // the compiler knows better
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-require-imports': 'off', // how lazy parts are loaded, see lint-directions.js
      'preserve-caught-error': 'off', // a cause may carry an SQL parameter or a connection string
    },
  },
  {
    // Relative import() is Node's own, which does not find TypeScript: see lint-directions.js for require().
    files: ['**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^\\./]', message: "load it by require('…') as typeof import('…')" },
      ],
    },
  },
  {
    // Whatever is not deterministic breaks replay; the workflow sandbox replaces the clock, but not Node's modules.
    files: ['workflows/**/*.ts'],
    languageOptions: { parserOptions: { project: 'workflows/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-globals': ['error', 'process', 'setInterval', 'fetch', 'WeakRef', 'FinalizationRegistry'],
      'rubicon/awaited': 'error',
    },
  },
);
