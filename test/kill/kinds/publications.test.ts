import { Client } from 'pg';
import { checkPublications } from '../../../activities/structure-checks/check-publications';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withValues } from '../../../contract/plan/removals';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { startPostgres } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

// Two databases of one server that replicates logically: what a remedy means to those who subscribe.
let server: PostgresServer;
let publisher: Client;
let subscriber: Client;

beforeAll(async () => {
  server = await startPostgres({ name: 'PostgreSQL logical', settings: { wal_level: 'logical' } });
  const admin = await connect('postgres');
  for (const name of ['publisher', 'subscriber']) await admin.query(`create database ${name}`);
  await admin.end();
  [publisher, subscriber] = [await connect('publisher'), await connect('subscriber')];
});
afterAll(async () => {
  await Promise.all([publisher.end(), subscriber.end()]);
  await server.stop();
});

async function connect(database: string): Promise<Client> {
  const client = new Client({ connectionString: server.urlOf({ database }) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const errors = async (): Promise<number> => {
  const { rows } = await subscriber.query<{ errors: number }>(
    `select apply_error_count::int as errors from pg_stat_subscription_stats where subname = 's'`,
  );
  return rows[0]?.errors ?? 0;
};
const untilIds = (table: string, ids: string): Promise<void> =>
  until(async () => {
    const { rows } = await subscriber.query<{ ids: string }>(
      `select string_agg(id::text, ',' order by id) as ids from ${table}`,
    );
    return rows[0]?.ids === ids;
  }, 30_000);

test.each([
  ['', ''],
  [' with (publish_via_partition_root = true)', ', through its root'],
])(
  'a partition of a published table goes and comes back, and no row comes twice to the subscriber%s',
  async (options) => {
    for (const client of [publisher, subscriber])
      await client.query(`drop table if exists logs; create table logs (id int primary key) partition by range (id);
      create table old partition of logs for values from (0) to (10); create table new partition of logs for values from (10) to (20)`);
    await publisher.query(`create publication p for table logs${options}`);
    await publisher.query(`select pg_create_logical_replication_slot('s', 'pgoutput')`);
    await publisher.query('insert into logs values (1), (2), (11)');
    const connection = server.urlOf({ database: 'publisher' });
    await subscriber.query(
      `create subscription s connection '${connection}' publication p with (create_slot = false, copy_data = false)`,
    );
    await untilIds('logs', '1,2,11');

    await publisher.query('alter table logs detach partition old');
    await publisher.query('drop table old; insert into logs values (12)');
    await publisher.query('create table old (id int primary key); insert into old values (1), (2)');
    await publisher.query('alter table logs attach partition old for values from (0) to (10)');
    await publisher.query('insert into logs values (3), (13)');
    await untilIds('logs', '1,2,3,11,12,13');
    await expect(errors()).resolves.toBe(0);
    await subscriber.query('alter subscription s disable; alter subscription s set (slot_name = none)');
    await subscriber.query('drop subscription s');
    await publisher.query(`select pg_drop_replication_slot('s'); drop publication p`);
  },
);

test.each(['for table t, other', 'for tables in schema public', 'for all tables'])(
  'a subscriber of a publication %s goes on after the remedy, through hide, drop and rollback of the column',
  async (form) => {
    for (const client of [publisher, subscriber])
      await client.query(
        'drop table if exists t, other; create table t (id int primary key, key text); create table other (id int primary key)',
      );
    await publisher.query(`insert into t values (1, 'a'); insert into other values (1)`);
    await publisher.query(`create publication p ${form}`);
    await publisher.query(`select pg_create_logical_replication_slot('s', 'pgoutput')`); // on one server it has to be there
    const connection = server.urlOf({ database: 'publisher' });
    await subscriber.query(`create subscription s connection '${connection}' publication p with (create_slot = false)`);
    await untilIds('t', '1');

    const postgres = openPostgres({ url: connection, applicationName: 'rubicon test' });
    const removals = withValues({ removes: [{ column: 't.key' }] });
    const look = () => postgres.withClient((client) => checkPublications(client, removals));
    const [stop] = await look();
    await publisher.query(`begin; ${stop?.remedySql?.join('; ')}; commit`);
    await expect(look()).resolves.toEqual([]);
    await postgres.close();

    await publisher.query(`insert into t values (2, 'b'); insert into other values (2)`);
    await publisher.query('alter table t rename key to hidden');
    await publisher.query(`insert into t values (3, 'c'); update t set hidden = 'd' where id = 2`);
    await publisher.query('alter table t drop hidden');
    await publisher.query('insert into t values (4); insert into other values (4)');
    await publisher.query('alter table t add key text');
    await publisher.query(`update t set key = 'e'; insert into t values (5, 'f'); delete from t where id = 4`);
    await untilIds('t', '1,2,3,5');
    await untilIds('other', '1,2,4');
    await expect(errors()).resolves.toBe(0);
    await subscriber.query('alter subscription s disable; alter subscription s set (slot_name = none)');
    await subscriber.query('drop subscription s');
    await until(async () => {
      const { rows } = await publisher.query(`select from pg_replication_slots where slot_name = 's' and active`);
      return rows.length === 0;
    });
    await publisher.query(`select pg_drop_replication_slot('s'); drop publication p`);
  },
);
