import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { awaited } from './dev/lint-awaited.js';
import { directions } from './dev/lint-directions.js';

const nodeGlobals = ['require', 'module', 'process', 'console', '__dirname', 'Atomics', 'SharedArrayBuffer'];

// Rules that find bugs. How code looks is Prettier's business; how long it is, the reader's.
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
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off', // the compiler knows better
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/require-await': 'off', // an adapter's or a step's shape may be async without need
      '@typescript-eslint/no-require-imports': 'off', // how lazy parts are loaded, see lint-directions.js
      '@typescript-eslint/unbound-method': 'off', // our functions hold no `this`
      '@typescript-eslint/no-base-to-string': 'off',
      'preserve-caught-error': 'off', // a cause may carry an SQL parameter or a connection string
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // jest's matchers are any
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
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
    rules: {
      'no-restricted-globals': ['error', 'process', 'setInterval', 'fetch', 'WeakRef', 'FinalizationRegistry'],
      'rubicon/awaited': 'error',
    },
  },
);
