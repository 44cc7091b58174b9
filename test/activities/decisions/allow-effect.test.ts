import { readdirSync } from 'node:fs';
import { createBackup } from '../../../activities/backup/backup';
import { createFlushCache } from '../../../activities/cache/flush-cache';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import { createDeploy } from '../../../activities/release/deploy';
import { createSetMaintenance } from '../../../activities/release/set-maintenance';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import type { EffectInput } from '../../../contract/activities/effect-inputs';
import type { Granted } from '../../../contract/run/decisions';
import { installStatements } from '../../../sql/install';
import { decide, withoutVotes } from '../../support/stages/decided';
import { electorate, newRun, orderOf } from '../../support/stages/sample-environment';
import { openPlatformEnvironment, type PlatformEnvironment } from '../../support/stages/staged-environment';

// What is no change of the database is an effect, too: in production a release, a flush, maintenance, a backup and a copy need the same
// decisions as the changes beside them, whoever calls them.

let staged: PlatformEnvironment;
let deps: RolloutDeps & { temporal: { start: () => Promise<'started'>; signal: () => Promise<boolean> } };
beforeAll(async () => {
  staged = await openPlatformEnvironment({ name: 'production', release: 'phase2' });
  for (const { sql } of installStatements({ environment: 'production', target: 'agent-api' }))
    await staged.stage.database.query(sql);
  const lease = { start: () => Promise.resolve('started' as const), signal: () => Promise.resolve(true) };
  deps = { environment: staged.find, electorate, temporal: lease };
});
afterAll(() => staged.close());

const platformState = async (): Promise<Record<string, unknown>> =>
  (await (await fetch(`${staged.platform.controlUrl}/state`)).json()) as Record<string, unknown>;

/** Everything that such an effect could change. */
const world = async () => ({
  platform: await platformState(),
  keys: await staged.stage.redis.dbsize(),
  files: readdirSync(staged.folder).sort(),
  maintenance: await staged.stage.database.query('select * from rubicon.maintenance'),
});

const release = (order: EffectInput, serves: 'from' | 'to') => createDeploy(deps)({ ...order, serves });
const maintenance = (order: EffectInput, on: boolean, deadlineMs = 60_000) =>
  createSetMaintenance(deps)({ ...order, on, deadlineMs });

const effects: [string, (order: EffectInput & { decision?: Granted }) => Promise<unknown>][] = [
  ['a release', (order) => release(order, 'to')],
  ['maintenance', (order) => maintenance(order, true)],
  ['a flush', (order) => createFlushCache(deps)(order)],
  ['a backup', (order) => createBackup(deps)(order)],
  ['a final copy', (order) => createFinalCopy(deps)({ ...order, freeze: 'none' })],
];

async function approved(change: { notBefore?: string } = {}) {
  const order = orderOf(staged.plan);
  const { decision } = await decide(staged.environment, order, { name: 'production', ...change });
  return { ...order, decision };
}

describe.each(effects)('%s in production', (_, effect) => {
  const refused = async (order: EffectInput, type: string, message: RegExp): Promise<void> => {
    await staged.stage.redis.set('session:1', '{}');
    const before = await world();
    await expect(effect(order)).rejects.toMatchObject({ type, message: expect.stringMatching(message) as string });
    expect(await world()).toEqual(before);
  };

  test('needs a gate, its votes, its time, and an open state row of this very run', async () => {
    await refused(orderOf(staged.plan), 'WrongState', /expected the state row "open" .*, found none/);
    const order = await approved();
    const { decision: _none, ...undecided } = order;
    await refused(undecided, 'NotDecided', /no gate was opened/);
    await refused(withoutVotes(order), 'NotDecided', /valid approvals are missing: 2 more of approver/);
    await refused({ ...order, run: newRun('another') }, 'WrongState', /found none/);
    const early = await approved({ notBefore: new Date(Date.now() + 3_600_000).toISOString() });
    await refused(early, 'WrongState', /^expected this change not before /);
    await staged.stage.database.query(`update rubicon.rollout set state = 'aborted'`);
    await refused(order, 'WrongState', /found "aborted"/);
  });

  test('needs, in a rollback, that its first effect has used its decision', async () => {
    const { plan, planDigest, run } = await approved();
    const back = orderOf(plan);
    const { decision } = await decide(staged.environment, back, {
      name: 'rollback',
      needs: { 'on-call': 1 },
      voters: ['otto'],
    });
    await refused({ ...back, planDigest, rollout: run, decision }, 'NotDecided', /has not used its challenge/);
  });
});

describe('maintenance', () => {
  afterEach(async () => {
    await maintenance(await approved(), false);
    await release(await approved(), 'from').catch(() => undefined);
  });
  const open = () =>
    staged.stage.database.query<{ ms: number; served: string }>(
      'select extract(epoch from deadline_at - began_at) * 1000 as ms, served from rubicon.maintenance where ended_at is null',
    );

  test('lasts no longer than the plan says, whatever is asked, and a second order makes it no longer', async () => {
    const order = await approved();
    await maintenance(order, true, 10 * 365 * 86_400_000);
    const [first] = await open();
    expect(Math.round(Number(first?.ms))).toBeLessThanOrEqual(300_000);
    expect(first?.served).toBe('phase2');
    await maintenance(order, true, 10 * 365 * 86_400_000);
    expect(await open()).toEqual([first]);
    await maintenance(order, false);
    expect(await open()).toEqual([]);
    expect((await platformState())['maintenance']).toBe(false);
  });

  test('is ended without a plan and a decision', async () => {
    await maintenance(await approved(), true);
    await createSetMaintenance(deps)({ run: newRun(), on: false, deadlineMs: 1 });
    expect(await open()).toEqual([]);
  });

  test('goes on for who has begun it, although the approval expires meanwhile', async () => {
    const order = await approved();
    await maintenance(order, true);
    await staged.stage.database.query(
      `update rubicon.gate set gate = jsonb_set(gate, '{expiresAt}', '"2026-01-01T00:00:00.000Z"')`,
    );
    await expect(createFlushCache(deps)(order)).resolves.toMatchObject({ left: 0 });
    await maintenance(order, false);
    await expect(createFlushCache(deps)(order)).rejects.toMatchObject({ type: 'NotDecided' });
  });
});

describe('the old release', () => {
  test('comes back only within the maintenance before which it served', async () => {
    const order = await approved();
    await maintenance(order, true);
    await release(order, 'to');
    expect(await release(order, 'from')).toMatchObject({ release: 'phase2', changed: true });
    await release(order, 'to');
    await maintenance(order, false);
    const outside = {
      type: 'WrongState',
      message: expect.stringMatching(
        /^expected a maintenance of this rollout before which "phase2" served, found none; no release was changed/,
      ) as string,
    };
    await expect(release(order, 'from')).rejects.toMatchObject(outside);
    await maintenance(order, true); // of rows that were written since
    await expect(release(order, 'from')).rejects.toMatchObject({ type: 'WrongState' });
    await maintenance(order, false);
    expect((await platformState())['release']).toBe('phase3');
  });

  test('comes back by a rollback only once the data is back behind its guard', async () => {
    const rollout = await approved();
    await staged.stage.database.query(`update rubicon.rollout set state = 'dropped' where first_run = $1`, [
      rollout.run.firstRun,
    ]);
    const back = orderOf(staged.plan);
    const { decision } = await decide(staged.environment, back, {
      name: 'rollback',
      needs: { 'on-call': 1 },
      voters: ['otto'],
    });
    await staged.stage.database.query('insert into rubicon.challenge (challenge) values ($1)', [
      decision.gate.challenge,
    ]);
    await expect(release({ ...back, rollout: rollout.run, decision }, 'from')).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(
        /^expected the columns back, with their write guard, .*without the guard/,
      ) as string,
    });
    expect((await platformState())['release']).toBe('phase3');
  });
});
