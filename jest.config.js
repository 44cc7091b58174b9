/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Faults at every point take many minutes: `npm run test:kill`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/kill/'],
  transform: {
    '/node_modules/.+\\.[cm]?js$': '<rootDir>/test/support/runner/package.js',
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022', keepClassNames: true },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // jest loads its own parts by the same way as a test loads a package.
  transformIgnorePatterns: ['/node_modules/(?:jest|@jest|expect/)'],
  testEnvironment: '<rootDir>/test/support/runner/environment.js',
  testSequencer: '<rootDir>/test/support/runner/sequencer.js',
  globalSetup: '<rootDir>/test/support/runner/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/runner/global-teardown.ts',
  // Clones below these folders (and their package.json) must not be taken for ours.
  modulePathIgnorePatterns: ['<rootDir>/.tools/', '<rootDir>/.rubicon/'],
  testTimeout: 60_000,
  // Of two cores: a third of the time tests wait for servers.
  maxWorkers: 3,
};
