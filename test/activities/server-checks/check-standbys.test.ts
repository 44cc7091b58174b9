import { Client } from 'pg';
import { checkStandbys } from '../../../activities/server-checks/check-standbys';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { obstacles, type Finding } from '../../../contract/run/findings';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { startPostgres } from '../../support/servers/servers';
import { startStandby, type Standby } from '../../support/servers/standby';
import { until } from '../../support/looks/until';

// Servers of its own: standbys follow a whole server.
let server: PostgresServer;
let standby: Standby;
let admin: Client;

beforeAll(async () => {
  server = await startPostgres({ settings: { archive_mode: 'on', archive_command: 'true' } });
  admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('create table sessions (owner_api_key text)');
  standby = await startStandby(server, { name: 'replica-1', slot: 'replica_1', feedback: true });
});
afterAll(async () => {
  await admin.end();
  await standby.stop();
  await server.stop();
});

const checkAs = (url: string, limitMs = 60_000): Promise<Finding[]> =>
  openPostgres({ url, applicationName: 'rubicon standbys' }).withClient((client) => checkStandbys(client, limitMs));
const check = (limitMs?: number) => checkAs(server.url, limitMs);
const find = async (name: string, limitMs?: number) => (await check(limitMs)).find((each) => each.check === name);

test('a standby is named, with where to look for what only it knows', async () => {
  await until(async () => (await find('standby replica-1'))?.status === 'passed');
  const findings = await check();
  expect(obstacles(findings)).toEqual([]);
  expect(findings).toEqual([
    expect.objectContaining({
      ...{ check: 'standby replica-1', expected: 'replay within 1 min, no long reader' },
      found: expect.stringMatching(/^streaming, /),
      remains: ['the standby "replica-1": pages and log'],
    }),
    {
      ...{ check: 'readers of standby replica-1', status: 'not covered' },
      expected: 'no transaction above 1 min there, and a short max_standby_streaming_delay',
      found: expect.stringMatching(/^not to be seen from the primary; /),
      remedy: expect.stringMatching(/^look on replica-1 .*"show max_standby_streaming_delay"/),
    },
    expect.objectContaining({
      ...{ check: 'write-ahead log', status: 'passed', found: 'archive_mode on, no idle slot' },
      remains: ['the archive of the write-ahead log (archive_mode is on)'],
    }),
  ]);
});

test('a reader there holds up the change for everybody there: told while it lags', async () => {
  const reader = openPostgres({ url: standby.url, applicationName: 'a report' });
  await reader.withClient((client) =>
    withTransaction(client, { readOnly: true }, async () => {
      await client.query('select count(*) from sessions');
      await admin.query('alter table sessions add column more text'); // waits on the standby, behind the report
      await until(async () => (await find('standby replica-1', 0))?.status === 'failed');
      expect(await find('standby replica-1', 0)).toMatchObject({
        found: expect.stringMatching(/^streaming, .* behind, oldest reader \d+ transactions old$/),
        remedy: expect.stringMatching(/^its readers would wait behind this change/),
      });
    }),
  );
  await reader.close();
});

test('a role that may not look at it: unknown, with the grant', async () => {
  await admin.query(`create role blind login password 'blind'`);
  const findings = await checkAs(server.urlOf({ user: 'blind', password: 'blind' }));
  expect(obstacles(findings)).toMatchObject([
    {
      check: 'standby replica-1',
      status: 'unknown',
      remedy: expect.stringMatching(/^"grant pg_read_all_stats to \w+", then/),
    },
  ]);
});

test('a slot that nobody reads keeps the log without end: told', async () => {
  await admin.query(`select pg_create_physical_replication_slot('forgotten', true)`);
  expect(await find('write-ahead log')).toMatchObject({
    ...{ status: 'not covered', found: 'archive_mode on, kept without end for the idle slots "forgotten"' },
    remedy: expect.stringMatching(/^drop a slot that no one comes back to \("select pg_drop_replication_slot/),
    remains: [expect.stringMatching(/archive/), expect.stringMatching(/idle slot "forgotten"/)],
  });
});
