import { Client } from 'pg';
import { openThrottle } from '../../../activities/schema-change/throttle';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { installStatements } from '../../../sql/install';
import { startPostgres } from '../../support/servers/servers';
import { startStandby, type Standby } from '../../support/servers/standby';

// Servers of its own: standbys follow a whole server.
let server: PostgresServer;
let standby: Standby;
let admin: Client;
beforeAll(async () => {
  server = await startPostgres();
  admin = new Client({ connectionString: server.url });
  await admin.connect();
  const installed = installStatements({ environment: 'production', target: 'agent-api' });
  for (const { sql } of installed) await admin.query(sql);
  standby = await startStandby(server, { name: 'replica' });
});
afterAll(async () => {
  await admin.end();
  await standby.stop();
  await server.stop();
});

const never = new AbortController().signal;
const asWorker = <T>(work: (client: PostgresClient) => Promise<T>): Promise<T> =>
  openPostgres({ url: server.url, applicationName: 'rubicon fill' }).withClient(work);

/** Whether it still waits after a while; then what lets it go on is done, and how long it waited is returned. */
async function waits(letGo: () => Promise<unknown>, most?: Parameters<typeof openThrottle>[1]): Promise<number> {
  let over = false;
  return asWorker(async (client) => {
    const throttle = openThrottle({ client, signal: never }, most);
    const waiting = throttle.untilCalm().finally(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(over).toBe(false);
    await letGo();
    await waiting;
    return throttle.waitedMs();
  });
}

test('nothing is waited for where nothing is in the way', async () => {
  await expect(asWorker((client) => openThrottle({ client, signal: never }).untilCalm())).resolves.toBeUndefined();
});

test('an administrator can let a fill wait, and go on', async () => {
  await admin.query(`insert into rubicon.throttle (reason) values ('the nightly report')`);
  expect(await waits(() => admin.query('delete from rubicon.throttle'))).toBeGreaterThan(500);
});

test('a standby that falls behind is given time', async () => {
  const follower = new Client({ connectionString: standby.url });
  await follower.connect();
  await follower.query('select pg_wal_replay_pause()');
  await admin.query(`create table busy as select repeat('x', 1000) as text from generate_series(1, 5000)`);
  const waited = await waits(() => follower.query('select pg_wal_replay_resume()'), {
    lagMs: 60_000,
    lagBytes: 1_000_000,
  });
  expect(waited).toBeGreaterThan(500);
  await follower.end();
});

test('a cancel ends the waiting', async () => {
  await admin.query(`insert into rubicon.throttle (reason) values ('for ever')`);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 300);
  await expect(asWorker((client) => openThrottle({ client, signal: abort.signal }).untilCalm())).rejects.toMatchObject({
    name: 'AbortError',
  });
  await admin.query('delete from rubicon.throttle');
});
