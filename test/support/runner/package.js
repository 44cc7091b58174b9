'use strict';
const { createHash } = require('node:crypto');

/** Whether this is where test files run: jest compiles its global set-up, too, whose `require` is Node's already. */
const isInEnvironment = () => 'requireOfNode' in globalThis;

/**
 * Loads a package by Node's own `require`, once for all test files of a process; also those that are ES modules only, which
 * jest's can't.
 */
module.exports = {
  /** @param {string} source @param {string} file */
  process: (source, file) => ({
    code: isInEnvironment() ? `module.exports = globalThis.requireOfNode(${JSON.stringify(file)});` : source,
  }),
  /** @param {string} source @param {string} file */
  getCacheKey: (source, file) =>
    createHash('sha256')
      .update(JSON.stringify([isInEnvironment(), file, source]))
      .digest('hex'),
};
