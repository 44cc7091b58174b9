import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createBackup } from '../../activities/backup';
import { createClassifyRows } from '../../activities/classify-rows';
import { createCheckStructure } from '../../activities/check-structure';
import { createProveBackup } from '../../activities/prove-backup';
import { digestOf } from '../../contract/digest';
import { obstacles } from '../../contract/findings';
import { frozenState } from '../../sql/freeze';
import { readState } from '../support/database-state';
import { approveRollback, wayBackOf } from '../support/dropped';
import { dropNow, takeOutOfUse, type Prepared } from '../support/ready-to-drop';
import { firstPlan, newRun, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';
import { whileServing } from '../support/while-serving';

// Columns that nothing replaces: their values are kept by the primary key of their row.

const columns = ['body', 'data', 'at', 'amount', 'bytes', 'score', 'tags', 'span'];

/** `proof` is what makes the difference. */
function planByRow() {
  const primaryKey = ['tenant', 'Id'];
  const removes = columns.map((column) => ({ column: `notes.${column}`, primaryKey }));
  const { proof: _, ...plan } = firstPlan(() => ({ removes, queries: [] })).plan;
  return { plan, planDigest: digestOf(plan) };
}

const { plan, planDigest } = planByRow();
let stage: SampleEnvironment;
let prepared: Prepared;
let before: Record<string, unknown>[];
beforeEach(async () => {
  stage = await openSampleEnvironment();
  await query(
    `create table notes (tenant int, "Id" text, title text, body text, data jsonb, at timestamptz, amount numeric(20, 4),
       bytes bytea, score float8, tags text[], span interval, primary key (tenant, "Id"))`,
  );
  await query('create index on notes using gin (tags)');
  await query(
    `insert into notes select n % 7, 'note "' || n || E'"\\t', 't', E'line\\n\\t\\\\ ' || n, jsonb_build_object('n', n, 'é', null),
       now() + n * interval '1.000001 s', n / 7.0, decode(lpad(to_hex(n), 8, '0'), 'hex'), 1.0 / n, array['a, "b"', null, n::text],
       n * interval '1 mon 2 days 3.5 s' from generate_series(1, 600) n`,
  );
  await query(`insert into notes (tenant, "Id", title) values (0, 'empty', 'without any of them')`);
  before = await values();
  prepared = { run: newRun(), plan, planDigest, backup: 'none' };
});
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
const values = () => query(`select tenant, "Id", title, ${columns.join(', ')} from notes order by 1, 2`);
async function backUp(): Promise<void> {
  const { run } = prepared;
  prepared.backup = (await createBackup({ environment: stage.find })(prepared)).id;
  await createProveBackup({ environment: stage.find })({ run, id: prepared.backup });
}
const assess = () => wayBackOf(stage).assessRollback({ target: 'agent-api', rollout: prepared.run.workflowId });

async function takeBack(lossy: boolean): Promise<void> {
  const { restoreColumns, fillColumns, finishRestore, endGuard } = wayBackOf(stage);
  const input = await approveRollback(stage, prepared, { lossy });
  await restoreColumns(input);
  await fillColumns(input);
  expect(obstacles(await finishRestore(input))).toEqual([]);
  await whileServing(stage, plan.release.from, async () => expect(obstacles(await endGuard(input))).toEqual([]));
}

test('there and back: values of every type are exactly as they were, also of rows that were written last', async () => {
  await backUp();
  const structure = (await readState(stage.database)).structure;
  await query(`update notes set body = 'changed after the backup' where "Id" = 'empty'`);
  await query(`update notes set body = null, tags = null where tenant = 3`);
  before = await values();
  await dropNow(stage, prepared);
  await query(`insert into notes (tenant, "Id", title) values (0, 'since', 'by the new release')`);
  await query(`delete from notes where tenant = 6`);

  await expect(assess()).resolves.toMatchObject({ loss: { rows: 0, owners: 0 }, findings: expect.any(Array) });
  await takeBack(false);
  const since = { tenant: 0, Id: 'since', title: 'by the new release' };
  const nothing = Object.fromEntries(columns.map((column) => [column, null]));
  const left = before.filter(({ tenant }) => tenant !== 6);
  const found = await values();
  expect(found.filter(({ Id }) => Id !== 'since')).toEqual(left);
  expect(found.filter(({ Id }) => Id === 'since')).toEqual([{ ...since, ...nothing }]);
  expect((await readState(stage.database)).structure).toEqual(structure);
});

test('the backup alone is older than the freeze: its values come back, and all of them count as loss', async () => {
  await backUp();
  await dropNow(stage, prepared);
  rmSync(join(stage.environment.backupFolder, 'copies'), { recursive: true });
  await expect(assess()).resolves.toMatchObject({
    loss: { rows: 8 * 600, means: expect.stringContaining('as they were in the backup') },
  });
  await expect(takeBack(false)).rejects.toMatchObject({ type: 'NotDecided' });
  await takeBack(true);
  expect(await values()).toEqual(before);
});

const checkKey = (primaryKey?: string[]) =>
  createCheckStructure({ environment: stage.find })({
    ...{ target: 'agent-api', queries: [], dropped: false },
    removes: [{ column: 'notes.body', ...(primaryKey && { primaryKey }) }],
  });

async function expectCounted(): Promise<void> {
  const classify = createClassifyRows({ environment: stage.find });
  const { rows, findings } = await classify({ target: 'agent-api', ...plan, newReleaseServes: false });
  expect(rows[0]).toMatchObject({ table: 'notes', column: 'amount', total: 601, match: 600, byRow: true });
  expect(obstacles(findings)).toEqual([]);

  expect(obstacles(await checkKey(['Id', 'tenant']))).toEqual([]);
  expect(obstacles(await checkKey())).toMatchObject([
    { expected: 'id', found: 'Id, tenant', remedy: 'write into the plan: primaryKey: [Id, tenant]' },
  ]);
  await query('alter table notes drop constraint notes_pkey');
  expect(obstacles(await checkKey(['Id', 'tenant']))).toMatchObject([{ found: 'none' }]);
  await query('alter table notes add primary key (tenant, "Id")');
}

test('rows are counted, a key that is not the primary one is named, and the freeze keeps a value beside its key', async () => {
  await expectCounted();
  await takeOutOfUse(stage, prepared);
  const refused = { code: frozenState };
  await expect(query(`update notes set rubicon_hidden_body = 'x' where tenant = 1`)).rejects.toMatchObject(refused);
  await expect(query(`update notes set tenant = 99 where tenant = 1`)).rejects.toMatchObject(refused);
  await query(`update notes set title = 'u' where tenant = 1`);
  await query(`update notes set tenant = 99 where "Id" = 'empty'`); // has no value that could be lost
  await query(`delete from notes where tenant = 2`);
});
