import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseUser, findPostgresFolder } from '../../../dev/servers/programs';
import { createOwnedFolder } from '../../../dev/servers/throw-away-folder';
import { layCopiedClusters } from './copied-clusters';

// Those of the run are laid so already.
const real = dirname(realpathSync(join(findPostgresFolder(), 'postgres')));
const { folder, binFolder } = layCopiedClusters(real);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inner = createOwnedFolder(folder, 'tried');
const make = (name: string, ...options: string[]): string => {
  const place = join(inner, name);
  execFileSync(join(binFolder, 'initdb'), [`--pgdata=${place}`, '--auth=trust', '--no-sync', ...options], {
    ...databaseUser(),
    stdio: 'pipe',
  });
  return place;
};
const identifierOf = (place: string): string | undefined =>
  /system identifier: +(\d+)/.exec(execFileSync(join(real, 'pg_controldata'), [place], { encoding: 'utf8' }))?.[1];

test('the second cluster is a copy of the first; other options are another cluster', () => {
  const [one, two, other] = [make('one'), make('two'), make('other', '--username=someone')];
  expect(statSync(two).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(two, 'PG_VERSION'), 'utf8')).toBe(readFileSync(join(one, 'PG_VERSION'), 'utf8'));
  expect(identifierOf(two)).toBe(identifierOf(one));
  expect(identifierOf(other)).not.toBe(identifierOf(one));
});

test('a version is asked of the real one', () => {
  expect(execFileSync(join(binFolder, 'initdb'), ['--version'], { encoding: 'utf8' })).toMatch(
    /^initdb \(PostgreSQL\) \d/,
  );
});
