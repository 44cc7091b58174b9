import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from '../../contract/facts';
import { replay } from '../support/histories';
import { approvedToItsEnd, orderRollback } from '../support/ordered-rollback';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/rollout-stage';
import { until } from '../support/until';
import { leftOpen, worldOf, type SeenWorld } from '../support/world';

jest.setTimeout(240_000);

// A plan that drops a table, through Temporal: the same steps as for columns, and the same workflow.

let stage: RolloutStage;
let before: SeenWorld;

beforeAll(async () => {
  stage = await openRolloutStage({
    changePlan(plan) {
      quickLoadTest(plan);
      plan['removes'] = [{ table: 'export_jobs' }];
      delete plan['proof'];
    },
  });
  for (const name of ['staging', 'production'] as const) {
    const { query } = stage.databases[name];
    await query(
      `create table export_jobs (id serial primary key, session uuid references sessions (id), state text not null default 'new')`,
    );
    await query('insert into export_jobs (session) select id from sessions');
    await query(`create index export_jobs_open on export_jobs (session) where state = 'new'`);
  }
  await stage.work();
  before = await worldOf(stage, 'production');
});

afterAll(() => stage.close());

test('a table goes in staging and production, after a way back was rehearsed; and comes back whole from the backup', async () => {
  const handle = await stage.start();
  await stage.approve(handle);
  const result = await stage.resultOf(handle);
  expect(result).toMatchObject({
    outcome: 'done',
    because: 'export_jobs are gone from staging and production of agent-api',
  });
  const { steps, gates } = await handle.query<Facts>('status');
  const noteOf = (name: string) => steps.find((step) => step.name === name)?.note;
  expect(noteOf('staging: there and back')).toMatch(/^taken back in .*: \d+ rows came back, tables as captured/);
  expect(noteOf('production: final copy')).toMatch(/^\d+ rows, .*, encrypted and read back$/);
  expect(gates[0]).toBeDefined();
  const [gone] = await stage.databases.production.query(`select to_regclass('export_jobs') as it`);
  expect(gone).toEqual({ it: null });

  rmSync(join(stage.folder, 'backups', 'agent-api', 'production', 'copies'), { recursive: true });
  const back = await orderRollback(stage, handle);
  expect(await approvedToItsEnd(stage, back)).toMatchObject({
    ...{ outcome: 'rolled-back', because: expect.stringContaining('come back as they were in the backup') },
  });
  expect(await worldOf(stage, 'production')).toEqual(before);
  await until(async () => (await leftOpen(stage)).length === 0);
  for (const run of [handle, back]) await replay(await run.fetchHistory(), run.workflowId);
});
