import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { orderOf } from '../../dev/kill.js';
import { shards } from '../kill/shards.js';

const root = path.join(__dirname, '../..');
const pathsOf = (files: string[]): string[] => files.map((file) => `test/kill/${file}.test.ts`);

test('each file of test/kill is in one shard', () => {
  const all = readdirSync(path.join(root, 'test/kill')).filter((name) => name.endsWith('.test.ts'));
  const inShards = Object.values(shards).flatMap(({ files }) => files.map((file) => `${file}.test.ts`));
  expect(inShards.sort()).toEqual(all.sort());
});

test.each(Object.entries(shards))('of shard %s CONTRIBUTING.md tells the files and the minutes', (name, { files }) => {
  const text = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8');
  const row = new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\| +(\\d+) +\\|$`, 'm').exec(text);
  const [, told = '', minutes = ''] = row ?? [];
  expect(told.split(', ').sort()).toEqual([...files].sort());
  expect(Number(minutes)).toBeGreaterThan(0);
});

test.each([
  ['nothing: all of them', [], []],
  ['a name', ['--shard', 'fuzz'], ['--runTestsByPath', ...pathsOf(['fuzz', 'fuzz-shrinks'])]],
  ['a name, written together', ['--shard=effects'], ['--runTestsByPath', ...pathsOf(['fail-points', 'races'])]],
  [
    'a name among words for jest',
    ['--verbose', '--shard=effects', '-t', 'hide'],
    ['--verbose', '-t', 'hide', '--runTestsByPath', ...pathsOf(['fail-points', 'races'])],
  ],
  ["jest's own parts", ['--shard=1/3'], ['--shard=1/3']],
  ['a file', ['races'], ['races']],
])('%s', (_, given, args) => {
  expect(orderOf(given)).toEqual({ args });
});

test.each([['effect'], ['__proto__'], ['']])('an unknown name %j is refused with those that there are', (name) => {
  const refused = expect.stringContaining(`expected the name of a shard, found "${name}"; use one of:\n  effects `);
  expect(orderOf(['--shard', name])).toEqual({ refused });
});

test('jest takes them so', () => {
  const words = ['dev/kill.js', '--shard', 'effects', '--listTests'];
  const { stdout, status } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  const files = stdout
    .trim()
    .split('\n')
    .map((file) => path.basename(file))
    .sort();
  expect({ status, files }).toEqual({ status: 0, files: ['fail-points.test.ts', 'races.test.ts'] });
});
