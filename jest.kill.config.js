// `npm run test:kill`: faults at every point of every effect. One file at a time, since they kill and restart servers.

process.env['RUBICON_EVERY_CASE'] = '1'; // see test/support/inputs/some.ts

/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/kill/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 180_000,
  maxWorkers: 1,
};
