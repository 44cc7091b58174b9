import type { Plan } from '../../../contract/plan/plan';
import { readState } from '../looks/database-state';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from './sample-environment';

/** A production with everything that a statement of a plan could be led to, and what shows that it was not. */
export interface HostileStage {
  stage: SampleEnvironment;
  /** The first plan with one query, or the sample of one probe. */
  planWith(part: { sql: string } | { sample: string }): Plan;
  /** Everything that a statement could have changed, and every call of a trap. */
  seen(): Promise<object>;
  /** Whether a text holds a value of the removed columns. */
  tells(text: string): boolean;
  close(): Promise<void>;
}

/** Each trap leaves a row when it is called, whoever calls it. A sequence, since that survives a rollback and needs no right. */
const traps = [
  'create table canary (t text)',
  'create sequence sprung',
  `create function leak(text) returns text language sql volatile as $$ select nextval('public.sprung')::text || $1 $$`,
  `create function leak(sessions) returns text language sql volatile as $$ select nextval('public.sprung')::text || $1.owner_api_key $$`,
  `create procedure leak() language sql as $$ select nextval('public.sprung') $$`,
  `create function lower(varchar) returns text language sql volatile as $$ select nextval('public.sprung')::text $$`,
  `create function same(text, text) returns boolean language sql volatile as $$ select nextval('public.sprung') > 0 $$`,
  `create function same(varchar, text) returns boolean language sql volatile as $$ select nextval('public.sprung') > 0 $$`,
  'create operator === (leftarg = text, rightarg = text, function = same)',
  'create operator = (leftarg = varchar, rightarg = text, function = same)',
  'create domain leaking as text check (leak(value) is not null)',
  'create view keys_view as select owner_api_key as a, owner_api_key_hash as b from sessions',
  'create materialized view keys_kept as select owner_api_key as a, owner_api_key_hash as b from sessions',
  'create table sessions_child () inherits (sessions)',
  `alter table sessions add column shown text generated always as (left(owner_api_key, 8)) stored`,
];

export async function openHostileStage(on?: 'extended', more: readonly string[] = []): Promise<HostileStage> {
  const stage = await openSampleEnvironment('production', undefined, on);
  const { database } = stage;
  for (const sql of [...traps, ...more]) await database.query(sql);
  const keys = await database.query<{ key: string }>(
    `select owner_api_key as key from sessions union select owner_api_key from assistants where owner_api_key is not null`,
  );
  const secrets = keys.flatMap(({ key }) => (key === null ? [] : [key]));
  const { plan } = firstPlan();
  const [query, probe] = [plan.queries[0]!, plan.probes.find(({ sample }) => sample !== undefined)!];
  return {
    stage,
    planWith: (part) =>
      'sql' in part
        ? { ...plan, queries: [{ ...query, ...part }], probes: [] }
        : { ...plan, queries: [], probes: [{ ...probe, ...part }] },
    seen: async () => ({
      state: await readState(database),
      sprung: await database.query('select last_value, is_called from sprung'),
      // The server is shared: roles named after a test's database are those of other files.
      roles: await database.query(`select rolname from pg_roles where rolname !~ 'test_' order by 1`),
      locks: await database.query(`select count(*)::int as n from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())`),
      objects: await database.query('select count(*)::int as n from pg_largeobject_metadata'),
    }),
    tells: (text) => secrets.some((secret) => text.includes(secret)),
    close: () => stage.close(),
  };
}
