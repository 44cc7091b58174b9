import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dumpDefinitions } from '../../support/looks/definitions';
import { readState } from '../../support/looks/database-state';
import { fillSample, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import { createDatabase } from '../../support/servers/servers';
import { rehearseOnCopy } from '../../support/stages/rehearsed';

let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await openSampleEnvironment();
});
afterEach(() => stage.close());

/** Of this process; other tests run beside it. */
const scratchFolders = (): string[] =>
  readdirSync('/var/tmp')
    .filter((name) => name.startsWith('rubicon-scratch-'))
    .filter((name) => {
      const owner = path.join('/var/tmp', name, 'owner.json');
      return existsSync(owner) && readFileSync(owner, 'utf8').includes(`"pid":${process.pid},`);
    });

test('the whole way is walked by the real effects; the real database is only read, and nothing is left', async () => {
  const look = async () => ({
    ...{ definitions: dumpDefinitions(stage.database), scratch: scratchFolders() },
    state: await readState(stage.database),
  });
  const before = await look();
  const { findings, rehearsal } = await rehearseOnCopy(stage);
  expect(findings).toEqual([
    {
      check: 'rehearsal on the copy',
      status: 'passed',
      expected: 'change and rollback on a throw-away server, equal afterwards',
      found: expect.stringMatching(/^9 steps on a sample of 7\d\d rows of 3 tables in .*, equal/),
    },
  ]);
  expect(rehearsal).toMatchObject({ extent: 'sample', passed: true, lacks: [] });
  expect(rehearsal?.steps.map(({ name }) => name)).toEqual([
    ...['freeze', 'final copy', 'hide', 'drop', 'assess', 'rebuild', 'refill', 'finish', 'end of the write guard'],
  ]);
  expect(await look()).toEqual(before);
  expect(before.scratch).toEqual([]);
});

describe('what only this database has stops a rollout before anything is changed', () => {
  test('a schema that does not come back: an event trigger that lets nobody make an index', async () => {
    await stage.database.query(
      `create function refuse_index() returns event_trigger language plpgsql as $$ begin raise check_violation; end $$`,
    );
    await stage.database.query(
      `create event trigger no_index on ddl_command_start when tag in ('CREATE INDEX') execute function refuse_index()`,
    );
    const { findings, rehearsal } = await rehearseOnCopy(stage);
    expect(rehearsal?.passed).toBe(false);
    expect(findings).toMatchObject([
      { check: 'rehearsal on the copy', status: 'failed' },
      { check: 'rehearsal on the copy: finish', status: 'failed', found: expect.stringContaining('23514') },
    ]);
  });
});

test('what the worker lacks is unknown and named', async () => {
  const database = await createDatabase({ on: 'extended' });
  await fillSample(database.url, 'production');
  await database.query('create extension citext');
  await database.query('create table emails (address citext)');
  const { findings } = await rehearseOnCopy(stage, { postgresUrl: database.url });
  expect(findings).toMatchObject([
    {
      check: 'rehearsal on the copy',
      status: 'unknown',
      found: expect.stringContaining('equal, but on a copy that lacks extension citext'),
      remedy: expect.stringContaining('rehearseOnCopy'),
    },
  ]);
  await database.drop();
});

test('what can not be found out is unknown', async () => {
  const { findings } = await rehearseOnCopy(stage, { toolsFolder: '/nowhere' });
  expect(findings).toMatchObject([
    { check: 'rehearsal on the copy', status: 'unknown', found: expect.stringContaining('/nowhere: not found') },
  ]);
});
