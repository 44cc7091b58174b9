import { Client } from 'pg';
import { createCheckServer } from '../../../activities/server-checks/check-server';
import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createDrop } from '../../../activities/removal/drop';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createHide } from '../../../activities/removal/hide';
import { createUnhide } from '../../../activities/removal/unhide';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { furtherRights, installStatements } from '../../../sql/install';
import { captureColumns, readState } from '../../support/looks/database-state';
import { decide } from '../../support/stages/decided';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { prepareDropUnrestored, takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import {
  electorate,
  firstPlan,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// A role with the rights that `rubicon doctor --install-sql` prints, and no others.
let stage: SampleEnvironment;
let names: { role: string; owner: string; application: string };
const target = 'agent-api';
const { plan } = firstPlan();

beforeAll(async () => {
  stage = await openSampleEnvironment();
  const { database, environment } = stage;
  names = {
    ...{ role: `worker_${database.name}`, owner: `owner_${database.name}` },
    application: `application_${database.name}`,
  };
  const { role, owner, application } = names;
  await database.query(`create role ${owner}`);
  for (const name of [role, application]) await database.query(`create role ${name} login password 'planted'`);
  await database.query(`revoke all on database ${database.name} from public`);
  await database.query(`grant connect, temporary on database ${database.name} to ${role}, ${application}`);
  for (const table of ['sessions', 'assistants']) {
    await database.query(`alter table ${table} owner to ${owner}`);
    await database.query(`grant select, insert, update on ${table} to ${application}`);
  }
  for (const { sql } of installStatements({ environment: 'production', target, role })) await database.query(sql);
  environment.postgresUrl = urlAs(role);
});
afterAll(() => stage.close());

const urlAs = (user: string): string =>
  Object.assign(new URL(stage.database.url), { username: user, password: 'planted' }).href;

/** What doctor prints besides, for these names. */
const further = (): string[] =>
  [...furtherRights.matchAll(/^-- {5}(.*);$/gm)].map(([, sql = '']) =>
    sql
      .replace('<role>', names.role)
      .replace('<owner>', names.owner)
      .replace('<schema>', 'public')
      .replace('<table of the revision>', 'alembic_version'),
  );
/** Of use, but not needed here. */
const isSpare = (sql: string): boolean => /bypassrls|pg_signal_backend|set on parameter|tablespace/.test(sql);

const check = async (): Promise<Finding[]> => {
  const { findings } = await createCheckServer({ environment: stage.find })({
    ...{ target, removes: plan.removes, longTransaction: '1 minute' },
    ...(plan.revision && { revision: plan.revision }),
  });
  const look = { target, removes: plan.removes, queries: plan.queries, dropped: false };
  return [...findings, ...(await createCheckStructure({ environment: stage.find })(look))];
};
const lacking = async (): Promise<string[]> => obstacles(await check()).map((each) => each.check);

test('with the installation alone, whatever else is needed is named with the statement that gives it', async () => {
  const stops = obstacles(await check());
  expect(stops.map((each) => each.check)).toEqual([
    'revision',
    'long transactions',
    ...['right to alter public.assistants', 'right to make indexes of public.assistants again'],
    ...['right to alter public.sessions', 'right to make indexes of public.sessions again'],
    ...['right to set the revision', 'right to read what is dumped'],
  ]);
  expect(stops.filter(({ remedy }) => !remedy?.includes('grant ')).map(({ remedy }) => remedy)).toEqual([]);
  const needed = further().filter((sql) => !isSpare(sql));
  expect(needed).toHaveLength(5);
  for (const sql of needed) await stage.database.query(sql);
  expect(await lacking()).toEqual([]);
});

const taken: [string, (names: { role: string; owner: string }) => [string, string], string][] = [
  [
    'execute on what a freeze calls',
    ({ role }) => [
      `revoke execute on function rubicon.refuse_write() from public, ${role}`,
      `grant execute on function rubicon.refuse_write() to ${role}`,
    ],
    'right to freeze',
  ],
  [
    'create on the schema',
    ({ owner }) => [`revoke create on schema public from ${owner}`, `grant create on schema public to ${owner}`],
    'right to make indexes of public.sessions again',
  ],
  [
    'temporary tables',
    ({ role }) => [
      `do $$ begin execute format('revoke temporary on database %I from ${role}', current_database()); end $$`,
      `do $$ begin execute format('grant temporary on database %I to ${role}', current_database()); end $$`,
    ],
    'right to make temporary tables',
  ],
  [
    'reading',
    ({ role }) => [`revoke pg_read_all_data from ${role}`, `grant pg_read_all_data to ${role}`],
    'right to read what is dumped',
  ],
  [
    'a look through row security',
    () => [
      'alter table alembic_version enable row level security',
      'alter table alembic_version disable row level security',
    ],
    'right to read what is dumped',
  ],
];

test.each(taken)('without %s: found before anything is changed', async (_, statements, name) => {
  const [take, give] = statements(names);
  await stage.database.query(take);
  expect(await lacking()).toContain(name);
  await stage.database.query(give);
  expect(await lacking()).toEqual([]);
});

test('a function of the same name that lets everything through is no freeze', async () => {
  const [own] = await stage.database.query<{ source: string }>(
    `select pg_get_functiondef('rubicon.refuse_write'::regproc) as source`,
  );
  await stage.database.query(
    `create or replace function rubicon.refuse_write() returns trigger language plpgsql as 'begin return new; end'`,
  );
  expect(obstacles(await check())).toMatchObject([
    {
      check: 'right to freeze',
      found: 'another function of this name',
      remedy: expect.stringMatching(/--install-sql/),
    },
  ]);
  await stage.database.query(own?.source ?? '');
});

describe('with those rights', () => {
  let ready: Prepared;
  beforeAll(async () => (ready = await prepareDropUnrestored(stage)));

  /** As the application does it, which has no right on our schema. */
  async function write(sql: string): Promise<unknown> {
    const client = new Client({ connectionString: urlAs(names.application) });
    await client.connect();
    return client
      .query(sql)
      .then(
        () => 'written',
        (error: { code: string }) => error.code,
      )
      .finally(() => client.end());
  }

  test('it is frozen for everybody, hidden, and put back as it was', async () => {
    const before = await readState(stage.database);
    const order = { ...ready, ...(await decide(stage.environment, ready, { name: 'production' })) };
    await takeOutOfUse(stage, ready, order);
    await expect(write(`insert into sessions (title) values ('new release')`)).resolves.toBe('written');
    await expect(
      write(`insert into sessions (title, rubicon_hidden_owner_api_key) values ('old release', 'sk-late')`),
    ).resolves.toBe('RB001');
    await expect(createUnhide({ environment: stage.find })(order)).resolves.toHaveLength(2);
    await stage.database.query(`delete from sessions where title = 'new release'`);
    const after = await readState(stage.database);
    expect(after.structure).toEqual(before.structure);
    const ours = ({ rows }: typeof after) => rows.filter(({ schema }) => schema === 'public');
    expect(ours(after)).toEqual(ours(before));
  });

  /** Nothing is changed by a step whose rights are gone meanwhile; with them back it goes on where it was. */
  async function afterRefusal<T>(step: () => Promise<T>): Promise<T> {
    const rights = [names.owner, 'pg_read_all_data'];
    const before = await readState(stage.database);
    for (const right of rights) await stage.database.query(`revoke ${right} from ${names.role}`);
    const failure: unknown = await step().catch((error: unknown) => error);
    for (const right of rights) await stage.database.query(`grant ${right} to ${names.role}`);
    expect(String(failure)).toMatch(/must be owner of|permission denied for/);
    expect(await readState(stage.database)).toEqual(before);
    return step();
  }

  test('rights that are lost on the way stop each step, and harm nothing', async () => {
    const deps = { environment: stage.find, electorate };
    const order = { ...ready, ...(await decide(stage.environment, ready, { name: 'production' })) };
    const { id: freeze } = await afterRefusal(() => createFreeze(deps)(order));
    const { id: copy } = await afterRefusal(() => createFinalCopy(deps)({ ...order, freeze }));
    await afterRefusal(() => createHide(deps)({ ...order, copy }));
    await afterRefusal(() => createUnhide(deps)(order));
  });

  test('it is dropped, and taken back with keys, indexes and rights', async () => {
    const columns = await captureColumns(stage.database);
    const out = await takeOutOfUse(stage, ready);
    await expect(createDrop({ environment: stage.find, electorate })(out)).resolves.toMatchObject({ attempts: 1 });
    await expect(captureColumns(stage.database)).resolves.toEqual([undefined, undefined]);
    const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
    const input = await approveRollback(stage, ready, { lossy: false });
    await restoreRemoved(input);
    await expect(refillRemoved(input)).resolves.toMatchObject({ placeholders: 0 });
    expect(obstacles(await finishRestore(input))).toEqual([]);
    await expect(captureColumns(stage.database)).resolves.toEqual(columns);
  });
});
