import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientToolsVersions, findPostgresTools, requirePostgresTools } from '../../../adapters/postgres/tools';
import { findPostgresFolder } from '../../../dev/servers/programs';

let folder: string;
const path0 = process.env['PATH'];

beforeEach(() => {
  folder = mkdtempSync('/var/tmp/rubicon-tools-');
  chmodSync(folder, 0o755);
});

afterEach(() => {
  process.env['PATH'] = path0;
  rmSync(folder, { recursive: true });
});

function pretend(program: string, version: string): void {
  writeFileSync(path.join(folder, program), `#!/bin/sh\necho "${program} (PostgreSQL) ${version}"\n`, { mode: 0o755 });
}

const programs = ['pg_dump', 'pg_restore', 'initdb', 'postgres'];

it('finds the programs of a folder, and their versions', async () => {
  const { tools } = await findPostgresTools({ toolsFolder: findPostgresFolder() });
  expect(tools?.major).toBeGreaterThanOrEqual(16);
  expect(Object.keys(tools?.versions ?? {}).sort()).toEqual(['initdb', 'pg_dump', 'pg_restore', 'postgres', 'psql']);
  expect(await clientToolsVersions({ toolsFolder: findPostgresFolder() })).toEqual(tools?.versions);
});

it('takes the first folder of PATH that has them all, and does without psql', async () => {
  for (const program of programs) pretend(program, '99.1');
  process.env['PATH'] = `/nowhere:relative:${folder}:${path0}`;
  expect(await findPostgresTools()).toEqual({
    tools: { folder, major: 99, versions: { pg_dump: '99.1', pg_restore: '99.1', initdb: '99.1', postgres: '99.1' } },
    reasons: [],
  });
});

it('understands a version that is not out yet', async () => {
  for (const program of programs) pretend(program, '20beta1');
  expect((await findPostgresTools({ toolsFolder: folder })).tools).toMatchObject({ major: 20 });
});

it.each([
  ['is not there', () => rmSync(path.join(folder, 'initdb')), 'initdb not found'],
  ['says nothing of use', () => pretend('pg_restore', 'of some kind'), 'pg_restore prints no version that we can read'],
  ['has another version', () => pretend('postgres', '15.1'), 'programs of different versions (16, 15)'],
  ['may not be run', () => chmodSync(path.join(folder, 'postgres'), 0o600), 'postgres cannot be run'],
])('says what is wrong when a program %s', async (_what, breakIt, reason) => {
  for (const program of programs) pretend(program, '16.14');
  breakIt();
  const { tools, reasons } = await findPostgresTools({ toolsFolder: folder });
  expect(tools).toBeUndefined();
  expect(reasons).toEqual([expect.stringContaining(`${folder}: ${reason}`)]);
});

it('passes over what is older than the server, and says what to do', async () => {
  for (const program of programs) pretend(program, '16.14');
  await expect(requirePostgresTools({ toolsFolder: folder }, 17)).rejects.toThrow(
    `expected the programs pg_dump, pg_restore, initdb, postgres of version 17 or newer in one folder, found none; ` +
      `install PostgreSQL's client and server programs, or name their folder as "tools" in the settings ` +
      `(${folder}: version 16.14, expected 17 or newer)`,
  );
});
