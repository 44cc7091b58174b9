import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { orderOf } from '../../dev/kill.js';
import { shards } from '../kill/shards.js';

const root = path.join(__dirname, '../..');
const pathsOf = (shard: string, names: string[]): string[] => names.map((name) => `test/kill/${shard}/${name}.test.ts`);

test('test/kill has the shards alone, and each of them has tests alone', () => {
  const entries = readdirSync(path.join(root, 'test/kill'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders.sort()).toEqual(Object.keys(shards).sort());
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['shards.js']);
  for (const name of folders)
    for (const file of readdirSync(path.join(root, 'test/kill', name))) expect(file).toMatch(/\.test\.ts$/);
});

test.each(Object.entries(shards))('of shard %s CONTRIBUTING.md tells what it shows, and the minutes', (name, shows) => {
  const text = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8');
  const row = new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\| +(\\d+) +\\|$`, 'm').exec(text);
  const [, told = '', minutes = ''] = row ?? [];
  expect(told).toBe(shows);
  expect(Number(minutes)).toBeGreaterThan(0);
});

test.each([
  ['nothing: all of them', [], []],
  ['a name', ['--shard', 'fuzz'], ['--runTestsByPath', ...pathsOf('fuzz', ['fuzz-shrinks', 'fuzz', 'hostile-yaml'])]],
  [
    'a name, written together',
    ['--shard=effects'],
    ['--runTestsByPath', ...pathsOf('effects', ['fail-points', 'races'])],
  ],
  [
    'a name among words for jest',
    ['--verbose', '--shard=effects', '-t', 'hide'],
    ['--verbose', '-t', 'hide', '--runTestsByPath', ...pathsOf('effects', ['fail-points', 'races'])],
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
