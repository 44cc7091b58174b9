import type { ActionWithCheck } from '../../../activities/environment/environment';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { snapshotOf } from '../../../adapters/catalogue/catalogue-snapshot';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { findingLine, obstacles } from '../../../contract/run/findings';
import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import { takeApprovedBackup } from '../../support/stages/approved-backup';
import { createDrop } from '../../../activities/removal/drop';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { captureColumns } from '../../support/looks/database-state';
import { rollbackVerbsOf } from '../../support/stages/dropped';
import { takeOutOfUse, type Prepared, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import { psqlAction, rightly, wrongly } from '../../support/inputs/restore-actions';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { whileServing } from '../../support/faults/while-serving';

/** Staging's rehearsal, where the platform's own tool has to build the columns again, and does not. */

let stage: SampleEnvironment;
let ready: ReadyToDrop;
let columnsBefore: unknown;
let afterTheDrop: object;
beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  columnsBefore = await captureColumns(stage.database);
  const { plan, planDigest } = firstPlan(({ durations }) => ({
    durations: { ...durations, lockGivesUp: '5 s', lockTimeout: '500 ms' },
    byAction: { restore: 'downgrade' },
  }));
  const run = newRun();
  const { id: backup } = await takeApprovedBackup(stage.environment, { run, plan, planDigest });
  await createProveBackup({ environment: stage.find })({ run, id: backup });
  const prepared: Prepared = { run, plan, planDigest, backup };
  ready = await takeOutOfUse(stage, prepared);
  await createDrop({ environment: stage.find })(ready);
  afterTheDrop = await definitions();
});
afterAll(() => stage.close());

/** Everything that the catalogue says of the two tables, the state row, and the revision. */
async function definitions(): Promise<object> {
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'test' });
  const tables = ['sessions', 'assistants'].map((table) => ({ schema: 'public', table }));
  const snapshot = await postgres.withClient((client) => snapshotOf(client, tables));
  await postgres.close();
  const [row] = await stage.database.query(
    'select state, (select version_num from alembic_version) from rubicon.rollout',
  );
  return { ...snapshot, row };
}

const action = (of: Omit<ActionWithCheck, 'limitMs'> & { limitMs?: number }): void => {
  stage.environment.application.planActions = { downgrade: { limitMs: 20_000, ...of } };
};
const input = (): RestoreInput => ({ ...ready, rollout: ready.run });
const undoRemoval = () => createUndoRemoval({ environment: stage.find })({ run: ready.run, plan: ready.plan });

/** Until something is wrong; what is said then. */
async function rehearse(): Promise<string> {
  const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage, {});
  try {
    await restoreRemoved(input());
    await refillRemoved(input());
    return obstacles(await finishRestore(input()))
      .map(findingLine)
      .join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(Object.entries(wrongly))('an action that %s is named, and staging has the change again', async (_, wrong) => {
  const { sql, sh, limitMs, says } = wrong;
  action({
    action: sql === undefined ? { command: ['sh', '-c', sh ?? ''] } : psqlAction(stage.database.url, sql),
    ...(limitMs !== undefined && { limitMs }),
  });
  expect(await rehearse()).toMatch(says);
  const did = await undoRemoval();
  expect(did).toContain('data of staging dropped');
  expect(did).toContainEqual(
    'whatever the action "downgrade" has left of the columns is dropped again, by Rubicon\'s own statements',
  );
  expect(await definitions()).toEqual(afterTheDrop);
  await expect(undoRemoval()).resolves.toEqual(['state row "dropped"', 'data of staging dropped']); // again: nothing to do
});

test('without a rehearsal of ours nobody touches what somebody has built', async () => {
  await stage.database.query('alter table sessions add column owner_api_key text');
  await expect(undoRemoval()).resolves.not.toContainEqual(expect.stringContaining('dropped again'));
  expect((await captureColumns(stage.database))[0]).toBeUndefined(); // assistants
  expect((await captureColumns(stage.database))[1]).toMatchObject({ type: 'text' });
  await stage.database.query('alter table sessions drop column owner_api_key');
});

test('after the action was mended the way back is as if nothing had been', async () => {
  action({ action: psqlAction(stage.database.url, rightly) });
  expect(await rehearse()).toBe('');
  await whileServing(stage, 'phase2', async () => {
    expect(obstacles(await rollbackVerbsOf(stage, {}).endWriteGuard(input()))).toEqual([]);
  });
  expect(await captureColumns(stage.database)).toEqual(columnsBefore);
  const left = await stage.database.query(`select tgname from pg_trigger where tgname like '%rubicon%'`);
  expect(left).toEqual([]);
  await expect(undoRemoval()).resolves.toContain('data of staging present');
});

test('a drop that was left to a tool, and not done by it, is done by our own statements when the rollout ends', async () => {
  const other = await openSampleEnvironment('staging', stage);
  other.environment.application.planActions = { upgrade: { limitMs: 20_000, action: { command: ['true'] } } };
  const { plan, planDigest } = firstPlan(({ durations }) => ({
    durations: { ...durations, lockGivesUp: '5 s' },
    byAction: { drop: 'upgrade' },
  }));
  const run = newRun('agent-api/drop-plaintext-api-keys/by-action');
  const { id: backup } = await takeApprovedBackup(other.environment, { run, plan, planDigest });
  await createProveBackup({ environment: other.find })({ run, id: backup });
  const order = await takeOutOfUse(other, { run, plan, planDigest, backup });
  await expect(createDrop({ environment: other.find })(order)).rejects.toMatchObject({ type: 'ActionFailed' });
  await other.database.query('alter table assistants drop column owner_api_key'); // what the tool could have left
  const did = await createUndoRemoval({ environment: other.find })({ run, plan });
  expect(did).toEqual([
    'state row "dropped"',
    'the columns that the action "upgrade" was to drop are dropped, by Rubicon\'s own statements',
    'data of staging dropped',
  ]);
  expect(await other.database.query('select version_num from alembic_version')).toEqual([
    { version_num: '20260208_000007' },
  ]);
  await other.close();
});
