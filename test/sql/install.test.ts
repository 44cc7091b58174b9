import { openPostgres } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { furtherRights, installStatements } from '../../sql/install';
import { printStatements } from '../../sql/statement';
import * as state from '../../sql/state';
import { openSampleDatabase, type SampleDatabase } from '../support/stages/sample-database';

const installation = { environment: 'production', target: `agent's api`, role: 'Rubicon' } as const;

test('what a database administrator gets to read', () => {
  expect([printStatements(installStatements(installation)), furtherRights].join('\n')).toBe(`\
-- Everything that belongs to Rubicon is in here
create schema if not exists rubicon;

-- Which environment this database is. A copy of production says production until someone corrects it
create table if not exists rubicon.identity (
  singleton boolean primary key default true check (singleton),
  environment text not null check (environment in ('staging', 'production')),
  target text not null,
  marker uuid not null default gen_random_uuid()
);

-- One row per rollout: the drop turns open into dropped in its own transaction, an abort turns open into aborted
create table if not exists rubicon.rollout (
  workflow_id text not null,
  first_run text not null,
  target text not null,
  plan_digest text not null,
  policy_digest text not null,
  requesters text[] not null,
  state text not null default 'open' check (state in ('open', 'dropped', 'aborted', 'rolled-back')),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, first_run)
);

-- What a rollout has dropped: its plan and the definitions of the columns, so that a rollback needs no file for them
create table if not exists rubicon.dropped (
  workflow_id text not null,
  first_run text not null,
  plan jsonb not null,
  captured jsonb not null,
  dropped_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, first_run)
);

-- Where new keys were issued: which new hash replaces which old one
create table if not exists rubicon.new_hash (
  workflow_id text not null,
  first_run text not null,
  old_hash text not null,
  new_hash text not null,
  changed_at timestamptz not null default clock_timestamp()
);

-- From an earlier version: what replaces a value can be too long for such an index
alter table rubicon.new_hash drop constraint if exists new_hash_pkey;

-- Found by a hash of it, whatever its length
create index if not exists new_hash_old on rubicon.new_hash using hash (old_hash);

-- A row in here makes every fill wait between two batches until it is deleted; insert it yourself
create table if not exists rubicon.throttle (
  reason text not null,
  since timestamptz not null default clock_timestamp()
);

-- Every opening of a gate is used once, even after a reset of the workflow
create table if not exists rubicon.challenge (
  challenge text primary key,
  used_at timestamptz not null default clock_timestamp()
);

-- What each gate was opened for, as the production worker has seen it: effects take it from here, not from their input
create table if not exists rubicon.gate (
  challenge text primary key,
  workflow_id text not null,
  first_run text not null,
  gate jsonb not null,
  not_before timestamptz,
  opened_at timestamptz not null default clock_timestamp()
);

-- Each maintenance of production: whoever finds one that is overdue ends it, and the old release comes back only within it
create table if not exists rubicon.maintenance (
  workflow_id text not null,
  first_run text not null,
  began_at timestamptz not null default clock_timestamp(),
  deadline_at timestamptz not null,
  served text,
  ended_at timestamptz,
  open boolean not null default true check (open)
);

-- There is one at a time
create unique index if not exists maintenance_open on rubicon.maintenance (open) where ended_at is null;

-- Since when a rollout has the data out of sight, and how much of that time was watched: without it nothing is dropped
create table if not exists rubicon.trial (
  workflow_id text not null,
  first_run text not null,
  hidden_at timestamptz default clock_timestamp(),
  position jsonb,
  seen_at timestamptz,
  seen interval not null default '0',
  unhealthy int not null default 0,
  primary key (workflow_id, first_run)
);

-- Which rollouts are on hold: nothing is changed for them meanwhile, whoever asks for it
create table if not exists rubicon.hold (
  workflow_id text not null,
  first_run text not null,
  reason text not null,
  since timestamptz default clock_timestamp(),
  primary key (workflow_id, first_run)
);

-- Seals of what the worker has seen and done, run by run: a chain, so that none can be left out or put in
create table if not exists rubicon.receipt (
  workflow_id text not null,
  first_run text not null,
  number int not null,
  seal jsonb not null,
  primary key (workflow_id, first_run, number)
);

-- What the triggers of a freeze call: it refuses a write, and does nothing else
create or replace function rubicon.refuse_write() returns trigger language plpgsql as $function$
begin
  raise exception '% of table % is frozen: it is being taken out of use', coalesce('column ' || tg_argv[0], 'a row'), tg_table_name
    using errcode = 'RB001', hint = 'a release that does not write it is needed; see the rollout that is under way';
end
$function$;

-- What the triggers of a rollback call: it makes a row inaccessible until its key is restored
create or replace function rubicon.close_row() returns trigger language plpgsql as $function$
begin
  return jsonb_populate_record(new, jsonb_build_object(tg_argv[0], '!rubicon:no-key:' || gen_random_uuid()));
end
$function$;

-- The marker of this database
insert into rubicon.identity (environment, target) values ('production', 'agent''s api') on conflict do nothing;

-- The worker sees the schema
grant usage on schema rubicon to "Rubicon";

-- It reads which environment this is
grant select on rubicon.identity to "Rubicon";

-- It keeps the state of its rollouts
grant select, insert, update on rubicon.rollout to "Rubicon";

-- It records what it has dropped, once
grant select, insert on rubicon.dropped to "Rubicon";

-- It records whose key it has changed, once
grant select, insert on rubicon.new_hash to "Rubicon";

-- It checks whether it has to wait
grant select on rubicon.throttle to "Rubicon";

-- It uses a challenge once
grant select, insert on rubicon.challenge to "Rubicon";

-- It notes what a gate was opened for, once
grant select, insert on rubicon.gate to "Rubicon";

-- It notes when maintenance is on
grant select, insert, update on rubicon.maintenance to "Rubicon";

-- It notes how long the data was done without
grant select, insert, update on rubicon.trial to "Rubicon";

-- It notes what is on hold
grant select, insert, update on rubicon.hold to "Rubicon";

-- It seals what it has seen and done, once
grant select, insert on rubicon.receipt to "Rubicon";

-- It creates the triggers of a freeze
grant execute on function rubicon.refuse_write() to "Rubicon";

-- It creates those of a rollback
grant execute on function rubicon.close_row() to "Rubicon";

-- Besides, the role of the worker needs:
--   membership in the role that owns the plan's tables (only an owner may lock, rename or drop a column of them), and
--   for that one the right to make their indexes again in a rollback:
--     grant <owner> to <role>;
--     grant create on schema <schema> to <owner>;
--   where these indexes are in a tablespace of their own:
--     grant create on tablespace <tablespace> to <role>;
--   the revision of the migration tool:
--     grant select, update on <table of the revision> to <role>;
--   whatever is dumped (pg_dump locks and reads every table and sequence):
--     grant pg_read_all_data to <role>;
--   where tables that are not the owner's have row security, which would hide rows from the dump:
--     alter role <role> bypassrls;
--   a look at other sessions (otherwise long transactions are unknown):
--     grant pg_read_all_stats to <role>;
--   the right to end what a dead worker left behind, if that ran as another role:
--     grant pg_signal_backend to <role>;
--   since PostgreSQL 15, to win against autovacuum, and to fill columns without running triggers:
--     grant set on parameter deadlock_timeout, session_replication_role to <role>;
`);
});

describe('on a real database', () => {
  let database: SampleDatabase;
  let role: string;
  beforeAll(async () => {
    database = await openSampleDatabase('rubicon install');
    role = `Worker_${database.name}`;
    await database.query(`create role "${role}" login password 'worker'`);
    await install('production');
  });
  afterAll(() => database.close());

  const install = (environment: 'staging' | 'production') =>
    database.postgres.withClient((client) =>
      runStatements(client, installStatements({ environment, target: 'agent-api', role })),
    );

  /** As the worker's role, in a transaction. */
  const asWorker = async (sql: string, parameters: unknown[] = []) => {
    const url = new URL(database.url);
    Object.assign(url, { username: role, password: 'worker' });
    const worker = openPostgres({ url: url.href, applicationName: 'rubicon worker' });
    return worker.withClient((client) => withTransaction(client, {}, () => client.query(sql, parameters)));
  };
  const run = ['agent-api/drop', 'run-1'];
  const opened = [...run, 'agent-api', 'digest', 'policy', ['maria', 'otto']];
  const readState = async () => (await asWorker(state.readRollout, run)).rows[0]?.state;

  test('a second installation changes neither the marker nor the environment', async () => {
    const before = (await asWorker(state.readMarker)).rows;
    expect(before).toEqual([
      { environment: 'production', target: 'agent-api', marker: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    await install('staging');
    expect((await asWorker(state.readMarker)).rows).toEqual(before);
  });

  test('a rollout is opened once, with what the drop will go by', async () => {
    await expect(asWorker(state.openRollout, opened)).resolves.toMatchObject({ rowCount: 1 });
    await expect(asWorker(state.openRollout, [...run, 'agent-api', 'forged', 'policy', []])).resolves.toMatchObject({
      rowCount: 0,
    });
    const expected = {
      workflowId: 'agent-api/drop',
      firstRun: 'run-1',
      target: 'agent-api',
      planDigest: 'digest',
      policyDigest: 'policy',
      requesters: ['maria', 'otto'],
      state: 'open',
      changedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    };
    expect((await asWorker(state.readRollout, run)).rows).toEqual([expected]);
    expect((await asWorker(state.readRollouts, ['agent-api'])).rows).toEqual([expected]);
  });

  test('it is dropped once, with its own digest, and rolled back after that', async () => {
    await expect(asWorker(state.turnRolledBack, run)).resolves.toMatchObject({ rowCount: 0 });
    await expect(asWorker(state.turnDropped, [...run, 'another digest'])).resolves.toMatchObject({ rowCount: 0 });
    await expect(asWorker(state.turnDropped, [...run, 'digest'])).resolves.toMatchObject({ rowCount: 1 });
    await expect(asWorker(state.turnDropped, [...run, 'digest'])).resolves.toMatchObject({ rowCount: 0 });
    await expect(asWorker(state.turnAborted, run)).resolves.toMatchObject({ rowCount: 0 });
    await expect(readState()).resolves.toBe('dropped');
    await expect(asWorker(state.turnRolledBack, run)).resolves.toMatchObject({ rowCount: 1 });
  });

  test('after an abort it is never dropped', async () => {
    const other = ['agent-api/drop', 'run-2'];
    await asWorker(state.openRollout, [...other, ...opened.slice(2)]);
    await expect(asWorker(state.turnAborted, other)).resolves.toMatchObject({ rowCount: 1 });
    await expect(asWorker(state.turnDropped, [...other, 'digest'])).resolves.toMatchObject({ rowCount: 0 });
  });

  test('of a drop and an abort at the same moment one wins', async () => {
    const other = ['agent-api/drop', 'run-3'];
    await asWorker(state.openRollout, [...other, ...opened.slice(2)]);
    const counts = await Promise.all([
      asWorker(state.turnDropped, [...other, 'digest']),
      asWorker(state.turnAborted, other),
    ]);
    expect(counts.map(({ rowCount }) => rowCount).sort()).toEqual([0, 1]);
  });

  test('a challenge is used once', async () => {
    await expect(asWorker(state.useChallenge, ['c-1'])).resolves.toMatchObject({ rowCount: 1 });
    await expect(asWorker(state.useChallenge, ['c-1'])).resolves.toMatchObject({ rowCount: 0 });
  });

  test.each([
    `update rubicon.identity set environment = 'staging'`,
    'delete from rubicon.rollout',
    'delete from rubicon.challenge',
    `update rubicon.challenge set challenge = 'c-2'`,
    'create table rubicon.own ()',
    'drop table rubicon.rollout',
  ])('the worker may not: %s', async (sql) => {
    await expect(asWorker(sql)).rejects.toMatchObject({ sqlstate: '42501' });
  });

  test('a state or an environment that nobody knows is refused', async () => {
    await expect(asWorker(`update rubicon.rollout set state = 'done'`)).rejects.toMatchObject({ sqlstate: '23514' });
    await expect(database.query(`update rubicon.identity set environment = 'test'`)).rejects.toThrow('violates check');
    await expect(
      database.query(`insert into rubicon.identity (environment, target) values ('staging', 'b')`),
    ).rejects.toThrow('duplicate key');
  });
});
