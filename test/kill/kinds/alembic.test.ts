import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { takeApprovedBackup } from '../../support/stages/approved-backup';
import { createDrop } from '../../../activities/removal/drop';
import { digestOf } from '../../../contract/text/digest';
import { obstacles } from '../../../contract/run/findings';
import { alembic, alembicAction, installAlembic } from '../../support/inputs/alembic';
import { captureColumns, readState } from '../../support/looks/database-state';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { holdLock } from '../../support/looks/obstacles';
import { dropNow, prepareDrop, takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { until } from '../../support/looks/until';
import { whileServing } from '../../support/faults/while-serving';
import { withoutVotes } from '../../support/stages/decided';

jest.setTimeout(120_000);

beforeAll(() => installAlembic(), 120_000);

let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await openSampleEnvironment();
});
afterEach(() => stage.close());

const tool = (words: string[], models?: 'phase2' | 'phase3') => alembic(stage.database.url, words, models);
const isAt = async (revision: string): Promise<void> => {
  await expect(tool(['current'])).resolves.toMatchObject({ exitCode: 0, output: expect.stringContaining(revision) });
};
const isQuiet = async (models: 'phase2' | 'phase3'): Promise<void> => {
  const { output } = await tool(['check'], models);
  expect(output).toContain('No new upgrade operations detected.');
};
const proven = `select count(*)::int from sessions
  where owner_api_key_hash = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex')`;

test('after our own way Alembic finds its revision, has nothing to do, and goes on, in both directions', async () => {
  const ready = await prepareDrop(stage);
  await dropNow(stage, ready);
  await isAt('20260208_000007');
  await expect(tool(['upgrade', '20260215_000008'])).resolves.toMatchObject({ exitCode: 0 });
  await expect(tool(['downgrade', '20260208_000007'])).resolves.toMatchObject({ exitCode: 0 });
  await isQuiet('phase3');

  const { restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(input);
  await refillRemoved(input);
  expect(obstacles(await finishRestore(input))).toEqual([]);
  await whileServing(stage, 'phase2', async () => expect(obstacles(await endWriteGuard(input))).toEqual([]));
  await isAt('20260201_000006');
  await isQuiet('phase2');
  await expect(tool(['upgrade', 'head'])).resolves.toMatchObject({ exitCode: 0 });
});

describe('a plan that leaves drop and restore to Alembic', () => {
  let ready: Prepared;
  beforeEach(async () => {
    const actions = {
      'alembic-upgrade': { action: alembicAction(stage.database.url, 'upgrade', '$revision'), limitMs: 60_000 },
      'alembic-downgrade': { action: alembicAction(stage.database.url, 'downgrade', '$revision'), limitMs: 60_000 },
    };
    stage.environment.application.planActions = actions;
    ready = await prepareByAlembic();
  });

  async function prepareByAlembic(): Promise<Prepared> {
    const { plan, planDigest } = firstPlan(({ durations }) => ({
      durations: { ...durations, lockGivesUp: '20 s', lockTimeout: '100 ms' },
      byAction: { drop: 'alembic-upgrade', restore: 'alembic-downgrade' },
    }));
    const run = newRun();
    const { id } = await takeApprovedBackup(stage.environment, { run, plan, planDigest });
    await createProveBackup({ environment: stage.find })({ run, id });
    return { run, plan, planDigest, backup: id };
  }
  const drop = async () => createDrop({ environment: stage.find, electorate })(await takeOutOfUse(stage, ready));

  test('there and back: the same checks before and after, and every key is there again', async () => {
    const [columns, before] = [await captureColumns(stage.database), await readState(stage.database)];
    const order = await takeOutOfUse(stage, ready);
    const deps = { environment: stage.find, electorate };
    await createDrop(deps)(order);
    await expect(createDrop(deps)(order)).resolves.toMatchObject({ attempts: 1 }); // finds it done
    expect(await captureColumns(stage.database)).toEqual([undefined, undefined]);
    await isAt('20260208_000007');
    await isQuiet('phase3');

    const { assessRollback, restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = rollbackVerbsOf(stage);
    const found = await assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
    expect(obstacles(found.findings)).toEqual([]);
    const input = await approveRollback(stage, ready, { lossy: false });
    await restoreRemoved(input);
    await expect(restoreRemoved(input)).resolves.toEqual([
      'assistants.owner_api_key character varying(256)',
      'sessions.owner_api_key character varying(255)',
    ]); // compared once more
    await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 719, placeholders: 0 });
    expect(obstacles(await finishRestore(input))).toEqual([]);
    await whileServing(stage, 'phase2', async () => expect(obstacles(await endWriteGuard(input))).toEqual([]));
    expect(await captureColumns(stage.database)).toEqual(columns);
    expect((await readState(stage.database)).structure).toEqual(before.structure);
    await expect(stage.database.query(proven)).resolves.toEqual([{ count: 409 }]);
    await isAt('20260201_000006');
    await isQuiet('phase2');
  });

  test('a tool that does not win its lock is run again, and nobody waits behind it for long', async () => {
    const order = await takeOutOfUse(stage, ready);
    const runs = countRunsOf('alembic-upgrade');
    const isThere = async () => (await captureColumns(stage.database))[0] !== undefined;
    // Whoever begins to read as soon as the columns have their names again, and goes on until the tool has failed.
    const reading = async () => {
      await until(isThere, 20_000);
      const reader = await holdLock(stage.database, 'select from sessions limit 1');
      await until(() => runs() > 1, 20_000);
      await reader.lift();
    };
    const others = readAllTheTime(stage.database.url);
    await Promise.all([createDrop({ environment: stage.find, electorate })(order), reading()]);
    expect(await others.worstMs()).toBeLessThan(1_000); // lock_timeout is 100 ms; the rest is for a busy machine
    expect(runs()).toBeGreaterThan(1);
    expect(await captureColumns(stage.database)).toEqual([undefined, undefined]);
  });

  /** From now on the action notes each of its runs. Returns how many there were. */
  function countRunsOf(name: 'alembic-upgrade'): () => number {
    const { application } = stage.environment;
    const file = join(stage.environment.backupFolder, 'runs');
    const action = alembicAction(stage.database.url, 'upgrade', '$revision');
    const command = ['/bin/sh', '-c', 'echo run >> "$0"; exec "$@"', file, ...action.command];
    application.planActions = {
      ...application.planActions,
      [name]: { limitMs: 60_000, action: { ...action, command } },
    };
    return () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0);
  }

  test('a tool that fails is asked about, with its own words; a retry and a way back work', async () => {
    const { application } = stage.environment;
    const broken = {
      ...application.planActions?.['alembic-upgrade'],
      action: alembicAction('postgresql://nobody@127.0.0.1:1/x', 'upgrade', '$revision'),
    };
    const whole = application.planActions;
    application.planActions = { ...whole, 'alembic-upgrade': { limitMs: 60_000, ...broken } };
    const order = await takeOutOfUse(stage, ready);
    const deps = { environment: stage.find, electorate };
    await expect(createDrop(deps)(order)).rejects.toMatchObject({
      type: 'ActionFailed',
      message: expect.stringMatching(
        /expected the migration to 20260208_000007 by the action "alembic-upgrade", found the columns present and revision 20260201_000006; it ended with expected exit status 0, found 1, .*OperationalError.*answer "retry"/s,
      ),
    });
    const found = await rollbackVerbsOf(stage).assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
    expect(obstacles(found.findings)).toEqual([]);
    application.planActions = whole ?? {};
    await createDrop(deps)(order);
    await isAt('20260208_000007');
  });

  test('the tool is run for nothing but the drop that was decided', async () => {
    const { plan, planDigest, order } = await droppedByAlembic();
    const deps = { environment: stage.find, electorate };
    const refused = { type: 'WrongState', message: expect.stringMatching(/the action was not run$/) };
    const other = { ...plan, does: 'Something that no one has approved.' };
    await stage.database.query('alter table sessions add column owner_api_key text');
    await expect(createDrop(deps)({ ...order, plan: other, planDigest: digestOf(other) })).rejects.toMatchObject(
      refused,
    );
    await expect(createDrop(deps)(withoutVotes(order))).rejects.toMatchObject({ type: 'NotDecided' });
    await stage.database.query('alter table sessions drop column owner_api_key');

    // While it is being taken back, an attempt that was believed dead drops nothing again.
    const input = await approveRollback(stage, ready, { lossy: false });
    await rollbackVerbsOf(stage).restoreRemoved(input);
    await expect(createDrop(deps)({ ...order, planDigest })).rejects.toMatchObject(refused);
    await isAt('20260201_000006');
  });

  async function droppedByAlembic() {
    const order = await takeOutOfUse(stage, ready);
    await createDrop({ environment: stage.find, electorate })(order);
    return { plan: ready.plan, planDigest: ready.planDigest, order };
  }

  test('a decision that was closed is not taken for one that was used by this', async () => {
    await drop();
    const input = await approveRollback(stage, ready, { lossy: false });
    await stage.database.query('insert into rubicon.challenge (challenge) values ($1)', [
      input.decision.gate.challenge,
    ]);
    await expect(rollbackVerbsOf(stage).restoreRemoved(withoutVotes(input))).rejects.toMatchObject({
      type: 'NotDecided',
    });
    expect(await captureColumns(stage.database)).toEqual([undefined, undefined]);
  });

  test('a tool that says "done" and is not is not believed', async () => {
    const { application } = stage.environment;
    application.planActions = {
      ...application.planActions,
      'alembic-upgrade': { limitMs: 60_000, action: { command: ['true'] } },
    };
    await expect(drop()).rejects.toMatchObject({
      message: expect.stringMatching(
        /found the columns present and revision 20260201_000006; it ended with exit status 0/,
      ),
    });
  });
});

/** Somebody who reads one row again and again, until they are asked how long they have waited at worst. */
function readAllTheTime(url: string): { worstMs(): Promise<number> } {
  let [worst, isOver] = [0, false];
  const reading = (async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    while (!isOver) {
      const startedAt = performance.now();
      await client.query('select from sessions limit 1');
      worst = Math.max(worst, performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 10)); // others want to get through, too
    }
    await client.end();
  })();
  return {
    worstMs: async () => {
      isOver = true;
      await reading;
      return worst;
    },
  };
}
