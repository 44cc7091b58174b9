import type { EnvironmentName } from '../contract/run/names';
import { refuseWrite } from './freeze';
import { closeRow } from './write-guard';
import { quoteIdentifier, quoteLiteral } from './identifier';
import type { Statement } from './statement';

/** Which environment a database is from now on. */
export interface Installation {
  environment: EnvironmentName;
  /** Its name in the settings. */
  target: string;
  /** The role that the worker connects as; without it no rights are granted (the owner needs none). */
  role?: string;
}

/** Tables of this version: one that was installed by an earlier version lacks some. */
export const ownTables = [
  'identity',
  'rollout',
  'dropped',
  'new_hash',
  'throttle',
  'challenge',
  'gate',
  'maintenance',
  'trial',
  'hold',
  'receipt',
];

/**
 * What a database administrator runs once in each database, as its owner: the tables that make a change happen at most
 * once, and the row that says which environment this is. Running it again changes nothing, so a wrong environment is
 * corrected by hand, with open eyes.
 */
export function installStatements({ environment, target, role }: Installation): Statement[] {
  return [
    { sql: 'create schema if not exists rubicon', why: 'Everything that belongs to Rubicon is in here' },
    {
      why: 'Which environment this database is. A copy of production says production until someone corrects it',
      sql: `create table if not exists rubicon.identity (
  singleton boolean primary key default true check (singleton),
  environment text not null check (environment in ('staging', 'production')),
  target text not null,
  marker uuid not null default gen_random_uuid()
)`,
    },
    {
      why: 'One row per rollout: the drop turns open into dropped in its own transaction, an abort turns open into aborted',
      sql: `create table if not exists rubicon.rollout (
  workflow_id text not null,
  first_run text not null,
  target text not null,
  plan_digest text not null,
  policy_digest text not null,
  requesters text[] not null,
  state text not null default 'open' check (state in ('open', 'dropped', 'aborted', 'rolled-back')),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, first_run)
)`,
    },
    {
      why: 'What a rollout has dropped: its plan and the definitions of the columns, so that a rollback needs no file for them',
      sql: `create table if not exists rubicon.dropped (
  workflow_id text not null,
  first_run text not null,
  plan jsonb not null,
  captured jsonb not null,
  dropped_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, first_run)
)`,
    },
    {
      why: 'Where new keys were issued: which new hash replaces which old one',
      sql: `create table if not exists rubicon.new_hash (
  workflow_id text not null,
  first_run text not null,
  old_hash text not null,
  new_hash text not null,
  changed_at timestamptz not null default clock_timestamp()
)`,
    },
    {
      why: 'From an earlier version: what replaces a value can be too long for such an index',
      sql: 'alter table rubicon.new_hash drop constraint if exists new_hash_pkey',
    },
    {
      why: 'Found by a hash of it, whatever its length',
      sql: 'create index if not exists new_hash_old on rubicon.new_hash using hash (old_hash)',
    },
    {
      why: 'A row in here makes every fill wait between two batches until it is deleted; insert it yourself',
      sql: `create table if not exists rubicon.throttle (
  reason text not null,
  since timestamptz not null default clock_timestamp()
)`,
    },
    {
      why: 'Every opening of a gate is used once, even after a reset of the workflow',
      sql: `create table if not exists rubicon.challenge (
  challenge text primary key,
  used_at timestamptz not null default clock_timestamp()
)`,
    },
    {
      why: 'What each gate was opened for, as the production worker has seen it: effects take it from here, not from their input',
      sql: `create table if not exists rubicon.gate (
  challenge text primary key,
  workflow_id text not null,
  first_run text not null,
  gate jsonb not null,
  not_before timestamptz,
  opened_at timestamptz not null default clock_timestamp()
)`,
    },
    {
      why: 'Each maintenance of production: whoever finds one that is overdue ends it, and the old release comes back only within it',
      sql: `create table if not exists rubicon.maintenance (
  workflow_id text not null,
  first_run text not null,
  began_at timestamptz not null default clock_timestamp(),
  deadline_at timestamptz not null,
  served text,
  ended_at timestamptz,
  open boolean not null default true check (open)
)`,
    },
    {
      why: 'There is one at a time',
      sql: 'create unique index if not exists maintenance_open on rubicon.maintenance (open) where ended_at is null',
    },
    {
      why: 'Since when a rollout has the data out of sight, and how much of that time was watched: without it nothing is dropped',
      sql: `create table if not exists rubicon.trial (
  workflow_id text not null,
  first_run text not null,
  hidden_at timestamptz default clock_timestamp(),
  position jsonb,
  seen_at timestamptz,
  seen interval not null default '0',
  unhealthy int not null default 0,
  primary key (workflow_id, first_run)
)`,
    },
    {
      why: 'Which rollouts are on hold: nothing is changed for them meanwhile, whoever asks for it',
      sql: `create table if not exists rubicon.hold (
  workflow_id text not null,
  first_run text not null,
  reason text not null,
  since timestamptz default clock_timestamp(),
  primary key (workflow_id, first_run)
)`,
    },
    {
      why: 'Seals of what the worker has seen and done, run by run: a chain, so that none can be left out or put in',
      sql: `create table if not exists rubicon.receipt (
  workflow_id text not null,
  first_run text not null,
  number int not null,
  seal jsonb not null,
  primary key (workflow_id, first_run, number)
)`,
    },
    { why: 'What the triggers of a freeze call: it refuses a write, and does nothing else', sql: refuseWrite },
    {
      why: 'What the triggers of a rollback call: it makes a row inaccessible until its key is restored',
      sql: closeRow,
    },
    {
      why: 'The marker of this database',
      sql:
        `insert into rubicon.identity (environment, target) values (${quoteLiteral(environment)}, ${quoteLiteral(target)}) ` +
        'on conflict do nothing',
    },
    ...(role === undefined ? [] : grants(quoteIdentifier(role))),
  ];
}

/** No more than the worker needs in here; it can neither delete a row nor say that this is another environment. */
const grants = (role: string): Statement[] => [
  { sql: `grant usage on schema rubicon to ${role}`, why: 'The worker sees the schema' },
  { sql: `grant select on rubicon.identity to ${role}`, why: 'It reads which environment this is' },
  { sql: `grant select, insert, update on rubicon.rollout to ${role}`, why: 'It keeps the state of its rollouts' },
  { sql: `grant select, insert on rubicon.dropped to ${role}`, why: 'It records what it has dropped, once' },
  { sql: `grant select, insert on rubicon.new_hash to ${role}`, why: 'It records whose key it has changed, once' },
  { sql: `grant select on rubicon.throttle to ${role}`, why: 'It checks whether it has to wait' },
  { sql: `grant select, insert on rubicon.challenge to ${role}`, why: 'It uses a challenge once' },
  { sql: `grant select, insert on rubicon.gate to ${role}`, why: 'It notes what a gate was opened for, once' },
  { sql: `grant select, insert, update on rubicon.maintenance to ${role}`, why: 'It notes when maintenance is on' },
  {
    sql: `grant select, insert, update on rubicon.trial to ${role}`,
    why: 'It notes how long the data was done without',
  },
  { sql: `grant select, insert, update on rubicon.hold to ${role}`, why: 'It notes what is on hold' },
  { sql: `grant select, insert on rubicon.receipt to ${role}`, why: 'It seals what it has seen and done, once' },
  { sql: `grant execute on function rubicon.refuse_write() to ${role}`, why: 'It creates the triggers of a freeze' },
  { sql: `grant execute on function rubicon.close_row() to ${role}`, why: 'It creates those of a rollback' },
];

/**
 * What the worker's role needs besides, for a person to decide: it can't be granted without knowing the roles of the
 * application. Printed after the statements.
 */
export const furtherRights = `-- Besides, the role of the worker needs:
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
`;
