#!/usr/bin/env node
'use strict';
// `npm run test:kill`, or one shard of it: `npm run test:kill -- --shard effects`. What else is given goes to jest.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { shards } = require('../test/kill/shards.js');

const root = path.resolve(__dirname, '..');

module.exports = { orderOf };
if (require.main === module) main(orderOf(process.argv.slice(2)));

/** @param {ReturnType<typeof orderOf>} order */
function main(order) {
  if ('refused' in order) {
    console.error(order.refused);
    process.exitCode = 2;
    return;
  }
  const jest = path.join(root, 'node_modules', '.bin', 'jest');
  const args = ['--config', 'jest.kill.config.js', ...order.args];
  process.exitCode = spawnSync(jest, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/**
 * What jest is given. jest has a `--shard 1/3` of its own, which knows no names: that one stays possible.
 *
 * @param {string[]} args
 * @returns {{ args: string[] } | { refused: string }}
 */
function orderOf(args) {
  const at = args.findIndex((arg) => /^--shard(=|$)/.test(arg));
  const given = args[at] ?? '';
  const isApart = given === '--shard';
  const name = isApart ? args[at + 1] : given.slice('--shard='.length);
  if (at < 0 || /^\d+\/\d+$/.test(name ?? '')) return { args };
  if (!Object.hasOwn(shards, name ?? ''))
    return { refused: `expected the name of a shard, found "${name ?? ''}"; use one of:\n${list()}` };
  const folder = path.join('test', 'kill', name ?? '');
  const files = fs.readdirSync(path.join(root, folder)).map((file) => path.join(folder, file));
  return { args: [...args.slice(0, at), ...args.slice(at + (isApart ? 2 : 1)), '--runTestsByPath', ...files] };
}

/** @returns {string} each shard with what it shows */
function list() {
  return Object.entries(shards)
    .map(([name, shows]) => `  ${name.padEnd(9)} ${shows}`)
    .join('\n');
}
