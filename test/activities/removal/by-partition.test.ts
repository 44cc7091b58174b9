import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createUnhide } from '../../../activities/removal/unhide';
import { createFreeze } from '../../../activities/removal/freeze';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { hideStatements } from '../../../sql/hide';
import { decide } from '../../support/stages/decided';
import { electorate } from '../../support/stages/sample-environment';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { oldPartitions } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { copied, dataOf, isPending, openReader } from '../../support/stages/partition-stage';
import { takeOutOfUse } from '../../support/stages/ready-to-drop';
import { until } from '../../support/looks/until';

// Partitions: detached, which hides them, and attached again.

const { plan } = oldPartitions;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(oldPartitions);
});
afterEach(() => at.stage.close());

const unhide = () => createUnhide({ environment: at.stage.find })(at.prepared);
const refused = { code: frozenState };

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
  expect(await dataOf(at)).toBe('hidden');
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

test('it waits for who has used the table, and nobody waits for it; cut off half-way, it is finished', async () => {
  const { hide } = await copied(at);
  const reader = await openReader(at);
  const hiding = hide();
  await until(() => isPending(at));
  await at.query('select count(*) from events');
  await at.query(`insert into events (at, note) values ('2023-02-02', 'x')`);
  expect(await dataOf(at)).toBe('inconsistent');
  await at.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where application_name like 'rubicon ddl % hide %'`,
  );
  await reader.end();
  await expect(hiding).resolves.toMatchObject({ attempts: 2 });
  expect([await dataOf(at), await isPending(at)]).toEqual(['hidden', false]);
  await expect(hide()).resolves.toMatchObject({ attempts: 1 });
});

test('cut off half-way by the end of its worker, it is finished on the way back', async () => {
  const before = await at.seen();
  await copied(at);
  for (const { sql } of hideStatements(plan)) await at.query(sql);
  await at.query('alter table rubicon_hidden_events_2023_01 validate constraint rubicon_hidden_bound');
  const reader = await openReader(at);
  const detaching = at.query('alter table events detach partition rubicon_hidden_events_2023_01 concurrently');
  detaching.catch(() => undefined);
  await until(() => isPending(at));
  await at.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where query like '%detach partition%' and pid <> pg_backend_pid()`,
  );
  await expect(detaching).rejects.toMatchObject({ code: '57014' });
  await reader.end();
  await unhide();
  expect(await at.seen()).toEqual(before);
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
  expect(await dataOf(at)).toBe('present');
});
