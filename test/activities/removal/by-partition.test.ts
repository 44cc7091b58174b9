import { Client } from 'pg';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createHide } from '../../../activities/removal/hide';
import { createUnhide } from '../../../activities/removal/unhide';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { readObservedState } from '../../../activities/state/observe-state';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { obstacles } from '../../../contract/run/findings';
import { digestOf } from '../../../contract/text/digest';
import { frozenState } from '../../../sql/freeze';
import { hideStatements } from '../../../sql/hide';
import { decide } from '../../support/stages/decided';
import { electorate } from '../../support/stages/sample-environment';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { oldPartitions } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';
import { until } from '../../support/looks/until';

// Partitions: detached, which hides them, and attached again.

const { plan } = oldPartitions;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(oldPartitions);
});
afterEach(() => at.stage.close());

const unhide = () => createUnhide({ environment: at.stage.find })(at.prepared);
const data = async () => {
  const postgres = openPostgres({ url: at.stage.database.url, applicationName: 'test world' });
  const { data: found } = await postgres
    .withClient((client) => readObservedState({ client, environment: at.stage.environment }, plan, at.prepared.run))
    .finally(() => postgres.close());
  return found;
};
const refused = { code: frozenState };

test('there and back: a range and a list are exactly as they were', async () => {
  await at.backUp();
  const before = await at.seen();
  await dropNow(at.stage, at.prepared);
  expect(obstacles((await at.verifyDropped()).filter(({ check }) => check.startsWith('partition')))).toEqual([]);
  expect(await at.query(`select count(*)::int as n from events`)).toEqual([{ n: 452 }]);
  await expect(at.query(`insert into events (at, note) values ('2023-01-05', 'x')`)).rejects.toMatchObject({
    code: '23514',
  });

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 348 } });
  await at.takeBack();
  expect(await at.seen()).toEqual(before);
  await at.query(`insert into events (at, note) values ('2023-01-05', 'x')`);
});

test('writes are refused whichever table they name; readers of the table do without; put back, it is as it was', async () => {
  const before = await at.seen();
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows, findings } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, plan)),
  });
  expect(rows).toMatchObject([
    { table: 'old.Sales North', total: 100, byRow: true },
    { table: 'events_2023_01', total: 248, byRow: true },
  ]);
  expect(obstacles(findings)).toEqual([]);
  const structure = await at.checkStructure();
  expect(obstacles(structure)).toEqual([]);
  expect(structure.filter(({ check }) => check.startsWith('later rows')).map(({ found }) => found)).toEqual([
    expect.stringMatching(/^from the freeze on they are refused; once it is detached, .* go into old\.others$/),
    expect.stringMatching(
      /^from the freeze on, rows of events FOR VALUES FROM .* will be refused: there is no default/,
    ),
  ]);
  await takeOutOfUse(at.stage, at.prepared);
  expect(await data()).toBe('hidden');
  await expect(at.query('select from events_2023_01')).rejects.toMatchObject({ code: '42P01' });
  expect(await at.query('select count(*)::int as n from old.sales')).toEqual([{ n: 50 }]);
  await expect(at.query('delete from rubicon_hidden_events_2023_01')).rejects.toMatchObject(refused);
  await expect(unhide()).resolves.toEqual([
    'partitions are attached again: events_2023_01 of events, old.Sales North of old.sales',
    'freeze ended',
  ]);
  await expect(unhide()).resolves.toEqual([]);
  expect(await at.seen()).toEqual(before);
});

test.each([
  ['an insert', `insert into events (at, note) values ('2023-01-02', 'x')`],
  ['an update', `update events set note = 'y' where at < '2023-01-02'`],
  ['a row that would move in', `update events set at = '2023-01-02' where at > '2023-03-20'`],
  ['a deletion', `delete from events where at < '2023-01-02'`],
  ['a truncation', 'truncate events'],
  ['a write to the partition itself', `update events_2023_01 set note = 'y'`],
  ['a write in a replica session', `set session_replication_role = replica; delete from events`],
])('frozen, %s is refused; other rows are written as ever', async (_, sql) => {
  await createFreeze({ environment: at.stage.find, electorate })({
    ...at.prepared,
    ...(await decide(at.stage.environment, at.prepared, { name: 'production' })),
  });
  await expect(at.query(sql)).rejects.toMatchObject(refused);
  await at.query(`insert into events (at, note) values ('2023-02-02', 'x')`);
});

/** Frozen and copied, with what the next step needs. */
async function copied() {
  const decided = await decide(at.stage.environment, at.prepared, { name: 'production' });
  const deps = { environment: at.stage.find, electorate };
  const order = { ...at.prepared, ...decided };
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  return { hide: () => createHide(deps)({ ...order, copy }) };
}

/** A transaction that has used the table, though not this partition of it, and goes on. */
async function openReader(): Promise<{ end: () => Promise<void> }> {
  const reader = new Client({ connectionString: at.stage.database.url });
  await reader.connect();
  await reader.query('begin');
  await reader.query('lock table only events in access share mode');
  return {
    end: async () => {
      await reader.query('commit');
      await reader.end();
    },
  };
}

const isPending = async (): Promise<boolean> =>
  (await at.query('select from pg_inherits where inhdetachpending')).length > 0;

test('it waits for who has used the table, and nobody waits for it; cut off half-way, it is finished', async () => {
  const { hide } = await copied();
  const reader = await openReader();
  const hiding = hide();
  await until(isPending);
  await at.query('select count(*) from events');
  await at.query(`insert into events (at, note) values ('2023-02-02', 'x')`);
  expect(await data()).toBe('inconsistent');
  await at.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where application_name like 'rubicon ddl % hide %'`,
  );
  await reader.end();
  await expect(hiding).resolves.toMatchObject({ attempts: 2 });
  expect([await data(), await isPending()]).toEqual(['hidden', false]);
  await expect(hide()).resolves.toMatchObject({ attempts: 1 });
});

test('cut off half-way by the end of its worker, it is finished on the way back', async () => {
  const before = await at.seen();
  await copied();
  for (const { sql } of hideStatements(plan)) await at.query(sql);
  await at.query('alter table rubicon_hidden_events_2023_01 validate constraint rubicon_hidden_bound');
  const reader = await openReader();
  const detaching = at.query('alter table events detach partition rubicon_hidden_events_2023_01 concurrently');
  detaching.catch(() => undefined);
  await until(isPending);
  await at.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where query like '%detach partition%' and pid <> pg_backend_pid()`,
  );
  await expect(detaching).rejects.toMatchObject({ code: '57014' });
  await reader.end();
  await unhide();
  expect(await at.seen()).toEqual(before);
});

test('an old transaction in the way: nothing is begun, and it is named', async () => {
  at.prepared.plan = { ...plan, durations: { ...plan.durations, lockGivesUp: '1 s' } };
  at.prepared.planDigest = digestOf(at.prepared.plan);
  const { hide } = await copied();
  const reader = await openReader();
  await new Promise((resolve) => setTimeout(resolve, 10_500)); // what counts as old
  await expect(hide()).rejects.toThrow(/expected no transaction older than 10 s, .*nothing was begun.*in the way: pid/);
  expect(await isPending()).toBe(false);
  await reader.end();
  await unhide();
  expect(await data()).toBe('present');
});

test('rows that came meanwhile, into the default partition or a new one, are told, and stay', async () => {
  const before = await at.seen();
  await takeOutOfUse(at.stage, at.prepared);
  await at.query(`insert into old.sales values ('north', 99, 1)`);
  await at.query(
    `create table made_meanwhile partition of events for values from ('2023-01-10+00') to ('2023-01-11+00')`,
  );
  await at.query(`insert into events (at, note) values ('2023-01-10 10:00+00', 'late')`);
  const refusal = await unhide().catch((error: Error) => error.message);
  expect(refusal).toMatch(/found rows of its values in the default partition old\.others, written while it was away/);
  // Nobody is kept from writing more of them until that is settled.
  await at.query(`insert into old.sales values ('north', 98, 1)`);
  const remedy = /in one transaction, "(.*?)"(?:, "(.*?)")?, and answer/s.exec(String(refusal)) ?? [];
  for (const sql of remedy.slice(1).flatMap((each) => each?.split('; ') ?? [])) await at.query(sql);
  await expect(unhide()).rejects.toThrow(
    /events_2023_01 can be attached again, found .*would overlap partition "made_meanwhile"/,
  );
  await at.query('alter table events detach partition made_meanwhile');
  await unhide();
  expect(await at.query('select n from old.rubicon_late_rows order by n')).toEqual([{ n: 98 }, { n: 99 }]);
  expect(await at.query('select note from made_meanwhile')).toEqual([{ note: 'late' }]);
  await at.query('drop table made_meanwhile, old.rubicon_late_rows');
  expect(await at.seen()).toEqual(before);
});

test('whoever may write the comment that keeps the bound has nothing else run by it', async () => {
  await takeOutOfUse(at.stage, at.prepared);
  const noted = 'comment on constraint rubicon_hidden_bound on rubicon_hidden_events_2023_01 is ';
  const [{ bound = '' } = {}] = await at.query<{ bound: string }>(
    `select obj_description(oid) as bound from pg_constraint where conname = 'rubicon_hidden_bound' and conrelid = 'rubicon_hidden_events_2023_01'::regclass`,
  );
  await at.query(`${noted} '${bound.replaceAll("'", "''")}; drop table old.others'`);
  await expect(unhide()).rejects.toThrow(
    /found no constraint rubicon_hidden_bound on rubicon_hidden_events_2023_01 with a comment/,
  );
  await at.query('select from old.others');
  await at.query(`${noted} '${bound.replaceAll("'", "''")}'`);
  await unhide();
  expect(await data()).toBe('present');
});

test('after the drop: a partition of the same values, and rows of the default one, are told before anything is mixed', async () => {
  await at.backUp();
  const before = await at.seen();
  await dropNow(at.stage, at.prepared);
  await at.query(`create table made_again partition of events for values from ('2023-01-01+00') to ('2023-02-01+00')`);
  await expect(at.takeBack()).rejects.toThrow(/found made_again, which has the same values .*nothing was changed/);
  await at.query('drop table made_again');
  await at.query(`insert into old.sales values ('north', 99, 1)`);
  const found = obstacles(await at.takeBack({ lossy: false, incomplete: true }));
  expect(found).toMatchObject([{ check: 'partition old.Sales North', found: expect.stringContaining('old.others') }]);
  await at.query(`delete from old.sales where n = 99`);
  await at.takeBack();
  expect(await at.seen()).toEqual(before);
});
