// What Node's own require() can load and jest's can't: packages that are ES modules only. They are compiled like ours.
const esModules = ['age-encryption', '@noble', '@scure'];

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Faults at every point take many minutes: `npm run test:kill`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/kill/'],
  transform: {
    [`^.+\\.ts$|/node_modules/(?:${esModules.join('|')})/.+\\.js$`]: [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022', keepClassNames: true },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esModules.join('|')})/)`],
  testEnvironment: 'node',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Clones below these folders (and their package.json) must not be taken for ours.
  modulePathIgnorePatterns: ['<rootDir>/.tools/', '<rootDir>/.rubicon/'],
  testTimeout: 60_000,
  // Of two cores: a third of the time tests wait for servers.
  maxWorkers: 3,
};
