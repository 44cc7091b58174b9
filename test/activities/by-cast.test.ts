import { rmSync } from 'node:fs';
import { createBackup } from '../../activities/backup';
import { createCheckStructure } from '../../activities/check-structure';
import { createClassifyRows } from '../../activities/classify-rows';
import { createProveBackup } from '../../activities/prove-backup';
import { digestOf } from '../../contract/digest';
import { obstacles } from '../../contract/findings';
import { frozenState } from '../../sql/freeze';
import { readState } from '../support/database-state';
import { approveRollback, wayBackOf } from '../support/dropped';
import { castBothWays, castOneWay, type PlanKind } from '../support/plan-kinds';
import { dropNow, takeOutOfUse, type Prepared } from '../support/ready-to-drop';
import { newRun, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';
import { whileServing } from '../support/while-serving';

// A column that another one of another type replaces: the release that serves goes on changing that one alone.

let stage: SampleEnvironment;
let prepared: Prepared;
beforeEach(async () => {
  stage = await openSampleEnvironment();
  for (const sql of castOneWay.schema) await query(sql);
});
afterEach(() => stage.close());

const planOf = (proof: string): PlanKind => {
  const plan = { ...castOneWay.plan, proof };
  return { plan, planDigest: digestOf(plan), schema: [] };
};

const query = (sql: string) => stage.database.query(sql);
const rows = () => query('select id, amount_text, amount from invoices order by id');

async function backUp({ plan, planDigest }: PlanKind): Promise<void> {
  prepared = { run: newRun(), plan, planDigest, backup: 'none' };
  prepared.backup = (await createBackup({ environment: stage.find })(prepared)).id;
  await createProveBackup({ environment: stage.find })({ run: prepared.run, id: prepared.backup });
}

const assess = () => wayBackOf(stage).assessRollback({ target: 'agent-api', rollout: prepared.run.workflowId });

async function takeBack(lossy: boolean, change: object = {}): Promise<void> {
  const { restoreColumns, fillColumns, finishRestore, endGuard } = wayBackOf(stage);
  const input = { ...(await approveRollback(stage, prepared, { lossy })), ...change };
  const { release } = prepared.plan;
  await whileServing(stage, release.to, async () => {
    await restoreColumns(input);
    await fillColumns(input);
    await query('update invoices set amount = 5555 where id = 5'); // the new release serves until the old one does
    expect(obstacles(await finishRestore(input))).toEqual([]);
  });
  await whileServing(stage, release.from, async () => {
    await query(`update invoices set amount_text = 'old', amount = 6 where id = 6`); // by the old one: nobody corrects that
    await fillColumns(input);
    expect(obstacles(await endGuard(input))).toEqual([]);
  });
}

const classify = async (plan: Prepared['plan'], newReleaseServes: boolean) => {
  const of = createClassifyRows({ environment: stage.find });
  return obstacles((await of({ target: 'agent-api', ...plan, newReleaseServes })).findings);
};

test('what follows from its replacement comes back for every row, with neither copy nor backup', async () => {
  await backUp(castBothWays);
  const { structure } = await readState(stage.database);
  await dropNow(stage, prepared);
  await query('update invoices set amount = -1 where id = 1');
  await query('insert into invoices (id, amount) values (2000, 14)');
  rmSync(stage.environment.backupFolder, { recursive: true });
  await expect(assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 401 } });
  expect(obstacles((await assess()).findings)).toEqual([]);

  await takeBack(false, { backup: undefined, copy: undefined });
  const found = await rows();
  expect(found).toHaveLength(402);
  const odd = found.filter(({ amount_text: text, amount }) => text !== amount);
  expect(odd).toEqual([{ id: 6, amount_text: 'old', amount: '6' }]);
  expect(found.find(({ id }) => id === 1)).toMatchObject({ amount_text: '-1' });
  expect(found.find(({ id }) => id === 1000)).toMatchObject({ amount_text: null });
  expect((await readState(stage.database)).structure).toEqual(structure);
});

test('a value that does not fit into the old type is counted as lost before anybody approves, and stops nothing', async () => {
  await query('alter table invoices alter amount_text type integer using amount_text::integer');
  const narrower = planOf('removed = replacement');
  await backUp(narrower);
  await dropNow(stage, prepared);
  await query('update invoices set amount = 3000000000 where id = 9');
  await expect(assess()).resolves.toMatchObject({ loss: { rows: 1 }, restorable: { rows: 399 } });
  const { restoreColumns, fillColumns } = wayBackOf(stage);
  const input = await approveRollback(stage, prepared, { lossy: true });
  await restoreColumns(input);
  await expect(fillColumns(input)).resolves.toMatchObject({ filled: 399 });
  expect((await rows()).filter(({ amount_text: text }) => text === null)).toMatchObject([{ id: 9 }, { id: 1000 }]);
});

test('what does not follow comes back where it still fits; the rest is counted, approved, and stays empty', async () => {
  await query(`update invoices set amount_text = '00' || amount_text where id <= 100`);
  await backUp(castOneWay);
  await dropNow(stage, prepared);
  await query('update invoices set amount = 9 where id = 200');
  await query('insert into invoices (id, amount) values (2000, 14)');
  await expect(assess()).resolves.toMatchObject({
    loss: { rows: 2, means: expect.stringContaining('stay empty') },
    restorable: { rows: 399 },
  });
  await expect(takeBack(false)).rejects.toMatchObject({ type: 'NotDecided' });
  await takeBack(true);
  const found = await rows();
  expect(found.find(({ id }) => id === 100)).toMatchObject({ amount_text: '00700' });
  expect(found.find(({ id }) => id === 400)).toMatchObject({ amount_text: '2800' });
  const empty = found.filter(({ amount_text: text }) => text === null).map(({ id }) => id);
  expect(empty).toEqual([5, 200, 1000, 2000]);
});

test('before the new release serves each value has to fit; then the freeze lets the replacement be changed', async () => {
  const { plan } = castOneWay;
  expect(await classify(plan, false)).toEqual([]);
  const structure = createCheckStructure({ environment: stage.find });
  expect(obstacles(await structure({ target: 'agent-api', ...plan, queries: [], dropped: false }))).toEqual([]);
  await query(`update invoices set amount_text = 'a lot' where id = 1`);
  await query('update invoices set amount = 8 where id = 2');
  await query('update invoices set amount = null where id = 3');
  expect(await classify(plan, false)).toMatchObject([
    { check: 'rows of invoices whose proof does not hold', found: '2 of 401' },
    { check: 'rows of invoices with a value and no replacement', found: '1 of 401' },
  ]);
  expect(await classify(plan, true)).toEqual([]);

  await backUp(castOneWay);
  await takeOutOfUse(stage, prepared);
  await query('update invoices set amount = 77 where id = 10');
  const refused = { code: frozenState };
  await expect(query(`update invoices set rubicon_hidden_amount_text = 'x' where id = 10`)).rejects.toMatchObject(
    refused,
  );
  await expect(query('update invoices set id = 5000 where id = 10')).rejects.toMatchObject(refused);
});
