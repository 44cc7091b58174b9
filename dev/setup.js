#!/usr/bin/env node
'use strict';
// Gets everything that the demo and the tests need; run before both. Plain JavaScript without packages, because it is
// what installs them. `--quiet` is silent when there is nothing to do; `--postgres-18` gets that version, too.
const fs = require('node:fs');
const path = require('node:path');
const { servers } = require('./setup/find');
const { withLock } = require('./setup/lock');
const { installPackages, packagesAreReady, packagesMegabytes } = require('./setup/packages');
const {
  installPostgres18,
  installServers,
  locate,
  locatePostgres18,
  megabytesToFetch,
  serversAreReady,
} = require('./setup/servers');
const { postgres18 } = require('./setup/wheels');

const root = path.resolve(__dirname, '..');
const NODE_AT_LEAST = [20, 19];

process.exitCode = main(process.argv.includes('--quiet'), process.argv.includes('--postgres-18'));

/** @param {boolean} quiet @param {boolean} with18 @returns {number} exit code */
function main(quiet, with18) {
  const problems = nodeProblems();
  const isReady = () =>
    packagesAreReady(root) && serversAreReady(root) && !(with18 && locatePostgres18(root) === undefined);
  if (problems.length === 0 && !isReady()) {
    try {
      problems.push(...setUp(with18));
    } catch (error) {
      const help = `see that this user may write to ${root}, or delete .tools and node_modules and run this again`;
      problems.push({ missing: 'a working set-up', why: [String(error)], help: [help] });
    }
  }
  if (problems.length > 0) {
    console.error(report(problems));
    return 1;
  }
  if (!quiet) for (const [name, { title }] of Object.entries(servers)) console.error(`${title}: ${whereFrom(name)}`);
  return 0;
}

/** @param {boolean} with18 */
function setUp(with18) {
  /** @param {string} line */
  const say = (line) => console.error(`set-up: ${line}`);
  const all = [
    ...(packagesAreReady(root) ? [] : [packagesMegabytes]),
    ...megabytesToFetch(root),
    ...(with18 && locatePostgres18(root) === undefined ? [postgres18.megabytes] : []),
  ];
  const total = all.reduce((sum, each) => sum + each, 0);
  if (total > 0)
    say(
      `${all.length === 1 ? '1 part' : `${all.length} parts`}, about ${total} MB to download unless a cache has them`,
    );
  let begun = 0;
  /** Says which part begins. @param {string} title @param {number} megabytes */
  const begin = (title, megabytes) => say(`${(begun += 1)} of ${all.length}: ${title} (${megabytes} MB)`);
  fs.mkdirSync(path.join(root, '.tools'), { recursive: true });
  return withLock(path.join(root, '.tools', 'setup.lock'), say, () => {
    // Both, whatever becomes of the first: people want to hear all that is missing at once.
    const packages = packagesAreReady(root) ? undefined : installPackages(root, begin);
    return [
      ...(packages ? [packages] : []),
      ...installServers(root, begin),
      ...(with18 ? installPostgres18(root, begin) : []),
    ];
  });
}

/** @returns {import('./setup/servers').Problem[]} */
function nodeProblems() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const problems = [];
  if (major < Number(NODE_AT_LEAST[0]) || (major === NODE_AT_LEAST[0] && minor < Number(NODE_AT_LEAST[1]))) {
    const why = `found ${process.versions.node} (${process.execPath})`;
    problems.push({
      missing: `Node ${NODE_AT_LEAST.join('.')} or newer`,
      why: [why],
      help: ['install it (https://nodejs.org)'],
    });
  }
  if (process.platform === 'win32') {
    const why = 'Rubicon runs on Linux and macOS';
    problems.push({ missing: 'another platform than Windows', why: [why], help: ['use WSL 2, or docker-compose.yml'] });
  }
  return problems;
}

/** @param {import('./setup/servers').Problem[]} problems */
function report(problems) {
  const lines = [`The set-up is not complete: ${problems.length} missing.`];
  for (const { missing, why, help } of problems) {
    lines.push('', `  ${missing}`);
    lines.push(...why.map((line) => `    why:  ${line}`));
    lines.push(...help.map((line, index) => `    ${index === 0 ? 'help:' : '  or:'} ${line}`));
  }
  return lines.join('\n');
}

/** @param {string} name */
function whereFrom(name) {
  const found = locate(root, /** @type {import('./setup/find').ServerName} */ (name)).found;
  return found ? `${found.program ?? found.bin} (${found.from})` : 'missing';
}
