'use strict';
const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take half a minute and are small: by their size they would begin last. */
const longOnes = /\/(?:words|prove-dump|there-and-back|rollback-refused|run-worker|backup)\.test\.ts$/;

/** Whole rollouts begin first, also where no earlier run has told how long they take: nobody waits for them at the end. */
module.exports = class extends Sequencer {
  /**
   * @override
   * @type {Sequencer['sort']}
   */
  async sort(tests) {
    const isLong = (/** @type {{ path: string }} */ test) =>
      path.basename(path.dirname(test.path)) === 'workflows' || longOnes.test(test.path);
    const sorted = [...(await super.sort(tests))];
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
