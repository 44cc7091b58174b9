import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { Client } from 'pg';
import { traitsOf } from '../../../contract/plan/removals';
import type { Facts } from '../../../contract/run/facts';
import type { FailPoint } from '../../../adapters/programs/fail-point';
import { rolloutAbortedIn, rolloutHaltedIn } from '../../support/faults/aborted-rollout';
import { readState, valuesOf } from '../../support/looks/database-state';
import { decide } from '../../support/stages/decided';
import { approveRollback } from '../../support/stages/dropped';
import { startFailingStep } from '../../support/faults/failing-step';
import { runStep, type Memory, type StepName } from '../../support/faults/fault-steps';
import { startHaltingWorkers, type HaltingWorkers, type HaltOrder } from '../../support/faults/halting-workers';
import { replay } from '../../support/workflows/histories';
import { approvedToItsEnd, orderRollback } from '../../support/stages/ordered-rollback';
import {
  bucket,
  bucketActions,
  castBothWays,
  oldPartitions,
  oneTenant,
  twoIndexes,
  wholeTables,
  type PlanKind,
} from '../../support/inputs/plan-kinds';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import {
  electorate,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { until } from '../../support/looks/until';
import { serveRelease } from '../../support/faults/while-serving';
import { leftOpen, observedStateOf } from '../../support/stages/observed';

jest.setTimeout(300_000);

const allPoints: [StepName, FailPoint[]][] = [
  ['backup', []],
  ['proveBackup', []],
  ['freeze', ['freeze: before commit', 'freeze: after']],
  ['finalCopy', ['final copy: before its record', 'final copy: after']],
  [
    'hide',
    [
      ...(['hide: before commit', 'move: inside a batch', 'move: between two batches'] as const),
      ...(['detach: before', 'detach: after', 'hide: after'] as const),
    ],
  ],
  [
    'unhide',
    ['move: between two batches', 'attach: before', 'attach: after', 'unhide: before commit', 'unhide: after'],
  ],
  ['freeze', []],
  ['finalCopy', []],
  ['hide', []],
  ['drop', ['drop: before commit', 'drop: after']],
  ['restoreRemoved', ['restore columns: before commit', 'restore columns: after']],
  ['refillRemoved', ['fill: inside a batch', 'fill: between two batches']],
  [
    'finishRestore',
    ['attach: before', 'attach: after', 'finish restore: before the revision', 'finish restore: after'],
  ],
  ['endWriteGuard', ['end guard: before commit', 'end guard: after']],
];

/** Steps, and points of others, that there are only where values are removed. */
const ofValues: readonly StepName[] = ['backup', 'proveBackup', 'freeze', 'finalCopy'];
const isReached = ({ plan }: Pick<PlanKind, 'plan'>, step: StepName, point?: FailPoint): boolean =>
  traitsOf(plan).hasValues || (!ofValues.includes(step) && point?.startsWith('fill: ') !== true);

/** Points that only one kind passes. */
const ownPoints = {
  'rows of one tenant': /^move: /,
  'old partitions': /^(?:detach|attach): /,
};
const isOfAKind = (point: FailPoint): boolean => Object.values(ownPoints).some((own) => own.test(point));

describe.each<[string, PlanKind]>([
  ['whole tables', wholeTables],
  ['rows of one tenant', oneTenant],
  ['old partitions', oldPartitions],
  ['a column that another one follows from', castBothWays],
  ['two indexes', twoIndexes],
])('%s', (name, { plan, planDigest, schema }) => {
  let stage: SampleEnvironment;
  let application: { url: string; close(): void };
  beforeEach(async () => {
    stage = await openSampleEnvironment();
    application = await serveRelease(plan.release.from);
    stage.environment.application.url = application.url;
    for (const sql of schema) await stage.database.query(sql);
  });
  afterEach(async () => {
    application.close();
    await stage.close();
  });

  test('there and back, with a process killed at every point of the way: everything is as it was', async () => {
    const own = Object.entries(ownPoints).find(([kind]) => kind === name)?.[1];
    const isPassed = (step: StepName, point: FailPoint): boolean =>
      isReached({ plan }, step, point) && (!isOfAKind(point) || own?.test(point) === true);
    const before = await seen(stage);
    const run = newRun();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const decided = await decide(
      stage.environment,
      { run, plan, planDigest },
      { name: 'production', expiresAt: inAnHour },
    );
    const memory: Memory = { run, plan, planDigest, ...decided, backup: '', freeze: '', copy: '' };
    const died: FailPoint[] = [];
    for (const [step, points] of allPoints) {
      if (!isReached({ plan }, step)) continue;
      if (step === 'restoreRemoved')
        memory.verbs = await approveRollback(stage, memory, { lossy: false, expiresAt: inAnHour });
      const order = { step, environment: stage.environment, electorate, memory };
      for (const point of points) {
        if (!isPassed(step, point)) continue;
        const dying = startFailingStep(order, point, 'kill');
        const { by } = await dying.ended;
        if (by === 'SIGKILL') died.push(point);
      }
      await runStep(order);
    }
    expect(await seen(stage)).toEqual(before);
    expect(died).toEqual(allPoints.flatMap(([step, points]) => points.filter((point) => isPassed(step, point))));
  });
});

async function seen({ database }: SampleEnvironment): Promise<object> {
  return { structure: (await readState(database)).structure, values: await valuesOf(database) };
}

const exportJobs: readonly string[] = [
  `create table export_jobs (id serial primary key, session uuid references sessions (id), state text not null default 'new')`,
  'insert into export_jobs (session) select id from sessions',
  `insert into export_jobs (session, state) select id, 'old' from sessions`,
  `create index export_jobs_open on export_jobs (session) where state = 'new'`,
  'alter table export_jobs owner to agent_api_owner',
  'create table export_log (id int, at date, note text, primary key (id, at)) partition by range (at)',
  ...['2023', '2024'].flatMap((year) => [
    `create table export_log_${year} partition of export_log for values from ('${year}-01-01') to ('${Number(year) + 1}-01-01')`,
    `alter table export_log_${year} owner to agent_api_owner`,
  ]),
  `insert into export_log select n, '2023-01-01'::date + n, 'n' from generate_series(1, 700) n`,
  'alter table export_log owner to agent_api_owner',
];

describe('through Temporal', () => {
  test.each([
    ['a table', { table: 'export_jobs' }, 'export_jobs', ', tables as captured'],
    ['rows', { table: 'export_jobs', where: { state: 'old' } }, 'export_jobs where state = old', ''],
    [
      'a partition',
      { partition: 'export_log_2023', of: 'export_log', primaryKey: ['id', 'at'] },
      'export_log_2023 of export_log',
      ', partitions as captured',
    ],
  ])(
    '%s: there and back in staging, gone in production, and back from the backup alone',
    async (_, removal, named, built) => {
      const stage = await openRolloutStage({
        changePlan(plan) {
          quickLoadTest(plan);
          plan['removes'] = [removal];
          delete plan['proof'];
        },
      });
      try {
        for (const name of ['staging', 'production'] as const)
          for (const sql of exportJobs) await stage.databases[name].query(sql);
        await stage.work();
        await thereAndBack(stage, named, built);
      } finally {
        await stage.close();
      }
    },
  );
});

test('an index: there and back in staging, watched while it is hidden, gone in production, and built again', async () => {
  const stage = await openRolloutStage({
    durations: { trial: '4 s' },
    changePlan(plan) {
      quickLoadTest(plan);
      plan['removes'] = [{ index: 'export_jobs_open' }];
      delete plan['proof'];
    },
  });
  try {
    for (const name of ['staging', 'production'] as const)
      for (const sql of exportJobs) await stage.databases[name].query(sql);
    await stage.work();
    const before = await observedStateOf(stage, 'production');
    const handle = await stage.start();
    await stage.approve(handle);
    await readInTrial(stage, handle);
    expect(await stage.resultOf(handle)).toMatchObject({
      ...{ outcome: 'done', because: 'export_jobs_open is gone from staging and production of agent-api' },
    });
    const { steps } = await handle.query<Facts>('status');
    const names = steps.map(({ name }) => name);
    for (const step of ['backup', 'freeze', 'final copy']) expect(names).not.toContain(`production: ${step}`);
    expect(steps.find(({ name }) => name === 'staging: rollback rehearsal')?.note).toMatch(
      /^rolled back in [^:]+: indexes as captured, the old release served$/,
    );
    const trial = steps.find(({ name }) => name === 'production: trial');
    expect(trial?.findings).toContainEqual(
      expect.objectContaining({ check: 'use of index export_jobs_open while it is hidden', found: '1 scan' }),
    );
    const gone = await stage.databases.production.query(`select to_regclass('export_jobs_open') as index`);
    expect(gone).toEqual([{ index: null }]);

    const back = await orderRollback(stage, handle);
    expect(await approvedToItsEnd(stage, back)).toMatchObject({
      ...{ outcome: 'rolled-back', because: expect.stringContaining('no data is lost') },
    });
    expect(await observedStateOf(stage, 'production')).toEqual(before);
    await until(async () => (await leftOpen(stage)).length === 0);
    for (const run of [handle, back]) await replay(await run.fetchHistory(), run.workflowId);
  } finally {
    await stage.close();
  }
});

/** Somebody reads it all the same: a person answers, while it stays hidden. */
async function readInTrial(stage: RolloutStage, handle: WorkflowHandle): Promise<void> {
  const { production } = stage.databases;
  await stage.until(handle, ({ waiting }) => waiting?.for === 'trial' && waiting.sentence.includes('production'));
  const reader = new Client({ connectionString: production.url });
  await reader.connect();
  await reader.query('set enable_seqscan = off');
  await reader.query(`select from export_jobs where state = 'new' and session is not null`);
  await reader.end();
  const { question } = await stage.until(handle, (facts) => facts.question?.gate !== undefined);
  expect(question).toMatchObject({
    step: 'production: trial',
    because: [
      expect.stringContaining('use of index export_jobs_open while it is hidden: expected no scan of it, found 1 scan'),
    ],
  });
  const hidden = await production.query(`select from pg_class where relname = 'rubicon_hidden_export_jobs_open'`);
  expect(hidden).toHaveLength(1);
  const answer = { choice: 'accept', code: stage.codeOf('otto'), reason: 'a report that no one waits for' };
  expect(await stage.decide(handle, 'answer', answer)).toMatchObject({ accepted: true });
}

test('a thing: out of use in staging and production, gone, and nothing brings it back', async () => {
  const folders = { staging: newBucket(), production: newBucket() };
  const stage = await openRolloutStage({
    planActions: { staging: bucketActions(folders.staging), production: bucketActions(folders.production) },
    changePlan: ofBucket,
  });
  try {
    await stage.work();
    const before = await observedStateOf(stage, 'production');
    const handle = await stage.start();
    const { gates } = await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
    expect(gates).toHaveLength(1);
    expect(JSON.stringify(stage.slack.messages({ user: 'U0ANNA' }))).toContain('NOT RECOVERABLE');
    expect(existsSync(join(folders.production, 'old-exports'))).toBe(true);
    await stage.approve(handle);
    expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'done' });
    for (const folder of Object.values(folders)) expect(existsSync(join(folder, 'old-exports'))).toBe(false);
    expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
    const { steps, notCovered } = await handle.query<Facts>('status');
    expect(steps.map(({ name }) => name)).not.toContain('production: freeze');
    expect(steps.find(({ name }) => name === 'staging: rollback rehearsal')?.note).toMatch(
      /^not covered: the plan says/,
    );
    expect(notCovered).toContainEqual(expect.stringMatching(/^freeze, backup and final copy: /));

    const back = await orderRollback(stage, handle);
    expect(await approvedToItsEnd(stage, back)).toMatchObject({
      ...{ outcome: 'stopped', because: expect.stringContaining('restore: none') },
    });
    await until(async () => (await leftOpen(stage)).length === 0);
    for (const run of [handle, back]) await replay(await run.fetchHistory(), run.workflowId);
  } finally {
    await stage.close();
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
  }
});

describe('a thing, and an abort', () => {
  let stage: RolloutStage;
  let workers: HaltingWorkers;
  const folders = { staging: newBucket(), production: newBucket() };
  const modes = () => Object.values(folders).map((folder) => statSync(join(folder, 'old-exports')).mode & 0o777);
  beforeAll(async () => {
    stage = await openRolloutStage({
      planActions: { staging: bucketActions(folders.staging), production: bucketActions(folders.production) },
      changePlan: ofBucket,
    });
    workers = await startHaltingWorkers(stage);
  });
  afterAll(async () => {
    await workers.close();
    await stage.close();
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
  });

  test.each<HaltOrder>([
    { step: 'staging: hide', activity: 'hide', moment: 'after' },
    { step: 'staging: trial' },
    { step: 'approval: production' },
    { step: 'production: hide', activity: 'hide', moment: 'after' },
    { step: 'production: trial' },
  ])('in $step: it is in use again', async (order) => {
    const { result } = await rolloutAbortedIn(stage, workers, order);
    expect(result).toMatchObject({ outcome: 'aborted' });
    if (!order.step.startsWith('production') && order.step !== 'approval: production') {
      expect(modes()).toEqual([0o700, 0o700]);
      return;
    }
    // Staging carries the change by then.
    expect(existsSync(join(folders.staging, 'old-exports'))).toBe(false);
    expect(statSync(join(folders.production, 'old-exports')).mode & 0o777).toBe(0o700);
  });

  test('a deletion that fails is asked about as decided, is retried, and then done', async () => {
    const actions = join(folders.production, 'old-exports');
    const { handle, go } = await rolloutHaltedIn(stage, workers, { step: 'production: drop', activity: 'drop' });
    mkdirSync(join(actions, 'kept'), { recursive: true });
    writeFileSync(join(folders.production, 'stop'), '');
    go();
    const { question } = await stage.until(handle, (facts) => facts.question !== undefined);
    expect(question).toMatchObject({
      ...{ recommended: 'fix the action that drops, then retry: it cannot be undone from here' },
      loss: 'what the action has deleted so far, for good',
    });
    expect(question?.choices.map(({ choice }) => choice)).toEqual(['retry']);
    rmSync(join(folders.production, 'stop'));
    await stage.decide(handle, 'answer', { choice: 'retry', reason: 'the disk is back' });
    expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'done' });
    expect(existsSync(actions)).toBe(false);
  });
});

function ofBucket(plan: Record<string, unknown>): void {
  quickLoadTest(plan);
  Object.assign(plan, { removes: bucket.plan.removes, byAction: bucket.plan.byAction, restore: 'none' });
  delete plan['proof'];
  delete plan['revision'];
}

function newBucket(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-test-bucket-'));
  mkdirSync(join(folder, 'old-exports'), { mode: 0o700 });
  return folder;
}

async function thereAndBack(stage: RolloutStage, named: string, built: string): Promise<void> {
  const before = await observedStateOf(stage, 'production');
  const handle = await stage.start();
  await stage.approve(handle);
  expect(await stage.resultOf(handle)).toMatchObject({
    ...{ outcome: 'done', because: `${named} is gone from staging and production of agent-api` },
  });
  const { steps } = await handle.query<Facts>('status');
  const noteOf = (name: string) => steps.find((step) => step.name === name)?.note;
  expect(noteOf('staging: rollback rehearsal')).toMatch(`rows restored${built}, the old release served`);
  expect(noteOf('production: final copy')).toMatch(/^\d+ rows, .*, encrypted and read back$/);
  expect((await observedStateOf(stage, 'production')).rows).not.toEqual(before.rows);

  rmSync(join(stage.folder, 'backups', 'agent-api', 'production', 'copies'), { recursive: true });
  const back = await orderRollback(stage, handle);
  expect(await approvedToItsEnd(stage, back)).toMatchObject({
    ...{ outcome: 'rolled-back', because: expect.stringContaining('is restored as it was in the backup') },
  });
  expect(await observedStateOf(stage, 'production')).toEqual(before);
  await until(async () => (await leftOpen(stage)).length === 0);
  for (const run of [handle, back]) await replay(await run.fetchHistory(), run.workflowId);
}
