import { createDrop } from '../../../activities/removal/drop';
import { createObserveState } from '../../../activities/state/observe-state';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { obstacles } from '../../../contract/run/findings';
import { captureColumns, readState } from '../../support/looks/database-state';
import { decide } from '../../support/stages/decided';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { dropNow, prepareDropUnrestored, takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { serves } from '../../support/stages/serves';

const { plan, planDigest } = firstPlan();
/** Whose backup all of them have. */
let first: SampleEnvironment;
let prepared: Prepared;
beforeAll(async () => {
  first = await openSampleEnvironment();
  prepared = await prepareDropUnrestored(first);
});
afterAll(() => first.close());

let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await openSampleEnvironment('production', first);
  await serves(stage.environment, 'phase2');
});
afterEach(() => stage.close());

const look = (run = newRun()) => {
  const { removes, revision, release } = plan;
  return createObserveState({ environment: stage.find })({
    target: 'agent-api',
    removes,
    release,
    ...(revision && { revision }),
    run,
  });
};

test('the world is what catalogue, state row, revision and health answer say', async () => {
  await expect(look()).resolves.toEqual({
    ...{ data: 'present', row: 'none', revision: '20260201_000006', release: 'phase2' },
  });
  const ready = prepared;
  await decide(stage.environment, ready, { name: 'production' });
  await expect(look(ready.run)).resolves.toMatchObject({ data: 'present', row: 'open' });
  await dropNow(stage, ready);
  stage.environment.application.health = { path: '/health', release: 'status' };
  await expect(look(ready.run)).resolves.toMatchObject({ data: 'dropped', release: 'ok' });
  stage.environment.application.health = { path: '/health', release: 'status.name' }; // it names none
  await expect(look(ready.run)).resolves.toEqual({ data: 'dropped', row: 'dropped', revision: '20260208_000007' });
  await stage.database.query('alter table sessions add owner_api_key text; drop schema rubicon cascade');
  await stage.database.query(`insert into alembic_version values ('another')`);
  await expect(look(ready.run)).resolves.toEqual({ data: 'inconsistent', row: 'none' });
});

test('after it no drop of this run is possible, the columns are as they were, and another run is left alone', async () => {
  const before = await captureColumns(stage.database);
  const ready = await takeOutOfUse(stage, prepared);
  await expect(look(ready.run)).resolves.toMatchObject({ data: 'hidden', row: 'open', freeze: expect.any(String) });
  const other = newRun('other');
  await decide(stage.environment, { run: other, plan, planDigest }, { name: 'production' });
  const undoRemoval = createUndoRemoval({ environment: stage.find });
  await serves(stage.environment, 'phase2');
  await expect(undoRemoval(ready)).resolves.toEqual([
    'no drop of this run is possible any more',
    'columns have their names back: sessions.owner_api_key, assistants.owner_api_key',
    'freeze ended',
    'data of production present',
  ]);
  await expect(captureColumns(stage.database)).resolves.toEqual(before);
  await serves(stage.environment, 'phase3');
  await expect(undoRemoval(ready)).resolves.toEqual([
    ...['state row "aborted"', 'data of production present'],
    'release phase3 stays: going back from it is a rollback',
  ]);
  const dropping = createDrop({ environment: stage.find, electorate })(ready);
  await expect(dropping).rejects.toMatchObject({
    type: 'WrongState',
    message: expect.stringMatching(/found "aborted"/),
  });
  await expect(look(other)).resolves.toMatchObject({ data: 'present', row: 'open' });
});

test('a drop that has happened stays, and is said; without a row there is nothing to do', async () => {
  const ready = prepared;
  await dropNow(stage, ready);
  const undoRemoval = createUndoRemoval({ environment: stage.find });
  await expect(undoRemoval(ready)).resolves.toEqual([
    ...['state row "dropped"', 'data of production dropped'],
    'release phase3 stays: going back from it is a rollback',
  ]);
  await serves(stage.environment, 'phase2');
  await expect(undoRemoval({ run: newRun('other'), plan })).resolves.toEqual([
    ...['state row "none"', 'data of production dropped'],
  ]);
});

test('an abort and a drop at the same moment: one of them wins, and both say which', async () => {
  const ready = await takeOutOfUse(stage, prepared);
  const [dropped, did] = await Promise.allSettled([
    createDrop({ environment: stage.find, electorate })(ready),
    createUndoRemoval({ environment: stage.find })(ready),
  ]);
  const observed = await look(ready.run);
  const said = did.status === 'fulfilled' ? did.value[0] : '';
  if (dropped.status === 'fulfilled') {
    expect([observed.data, observed.row, said]).toEqual(['dropped', 'dropped', 'state row "dropped"']);
  } else {
    expect([observed.data, observed.row, said]).toEqual([
      'present',
      'aborted',
      'no drop of this run is possible any more',
    ]);
    expect(dropped.reason).toMatchObject({ type: 'WrongState' });
  }
});

describe('a way back that stopped half-way', () => {
  /** Columns are there again, guarded and empty. */
  async function stopHalfWay(place: SampleEnvironment, { run, ...ready }: Prepared) {
    await dropNow(place, { run, ...ready });
    const verbs = rollbackVerbsOf(place);
    const approved = await approveRollback(place, { run, ...ready }, { lossy: false });
    const { decision, ...input } = approved;
    await verbs.restoreRemoved(place.environment.name === 'staging' ? { ...input, run } : { ...input, decision });
    await verbs.refillRemoved(place.environment.name === 'staging' ? { ...input, run } : { ...input, decision });
    const seen = await captureColumns(place.database);
    expect(seen.map((column) => column?.column)).toEqual(['owner_api_key', 'owner_api_key']);
    return run;
  }

  const guards = (place: SampleEnvironment) =>
    place.database.query(`select tgname from pg_trigger where tgname like 'zz_rubicon_guard%'`);

  test('in staging the columns go again, so that the next rollout finds what the state row says', async () => {
    const staging = await openSampleEnvironment('staging');
    await serves(staging.environment, 'phase2');
    const run = await stopHalfWay(staging, await prepareDropUnrestored(staging));
    await staging.database.query(`update alembic_version set version_num = '20260201_000006'`); // it came that far
    const undoRemoval = createUndoRemoval({ environment: staging.find });
    await expect(undoRemoval({ run, plan })).resolves.toContain('columns that were half restored are dropped again');
    await expect(undoRemoval({ run, plan })).resolves.not.toContain(
      'columns that were half restored are dropped again',
    );
    await expect(captureColumns(staging.database)).resolves.toEqual([undefined, undefined]);
    await expect(guards(staging)).resolves.toEqual([]);
    const seen = await createObserveState({ environment: staging.find })({ target: 'agent-api', ...plan, run });
    expect(seen).toMatchObject({ data: 'dropped', row: 'dropped', revision: '20260208_000007' });
    await staging.close();
  });

  test('in production nothing goes: the rollback is begun again', async () => {
    const run = await stopHalfWay(stage, prepared);
    const before = await readState(stage.database);
    await createUndoRemoval({ environment: stage.find })({ run, plan });
    await expect(readState(stage.database)).resolves.toEqual(before);
    await expect(guards(stage)).resolves.toHaveLength(4);
    const { assessRollback } = rollbackVerbsOf(stage);
    const found = await assessRollback({ target: 'agent-api', rollout: run.workflowId });
    expect(found).toMatchObject({
      observed: { data: 'present', row: 'dropped', writeGuard: true },
      findings: expect.any(Array),
    });
    expect(obstacles(found.findings)).toEqual([]);
  });
});
