'use strict';
const vm = require('node:vm');
const { default: NodeEnvironment } = require('jest-environment-node');

/** @type {WeakSet<object>} the contexts of this environment, in whose place code is compiled for Node's own */
const replaced = new WeakSet();
const { compileFunction } = vm;

vm.compileFunction = (code, parameters, options) => {
  const { parsingContext, ...others } = options ?? {};
  const isReplaced = parsingContext !== undefined && replaced.has(parsingContext);
  return compileFunction(code, parameters, isReplaced ? others : options);
};

/**
 * Test files run in the global scope of their process, not in one of their own, so that the packages in `node_modules` can be
 * loaded once a process (see package.js): with all tests skipped, 227 files took 137 s of CPU when each loaded them anew, and
 * 59 s so. Modules of the project are still each file's own; what a file does to the process is undone here. There are none of
 * jest's fake timers: they would fake those of the scope that is not used.
 */
module.exports = class extends NodeEnvironment {
  /** @param {ConstructorParameters<typeof NodeEnvironment>} given */
  constructor(...given) {
    super(...given);
    if (this.context) replaced.add(this.context);
    this.global = /** @type {typeof this.global} */ (/** @type {unknown} */ (globalThis));
    // By name: in this scope `require` of a test file is jest's.
    Object.assign(globalThis, { requireOfNode: require });
    const { env, exit } = process;
    this.before = { env: { ...env }, exit, console: globalThis.console };
  }

  /** @override */
  async teardown() {
    for (const name of Object.keys(process.env)) if (!(name in this.before.env)) delete process.env[name];
    Object.assign(process.env, this.before.env);
    process.exit = this.before.exit; // jest wraps it for each file
    process.exitCode = undefined;
    globalThis.console = this.before.console;
    await super.teardown();
  }
};
