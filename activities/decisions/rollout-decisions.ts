import type { PostgresClient } from '../../adapters/postgres/postgres';
import { digestOf } from '../../contract/text/digest';
import { toMs } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { OutOfUseInput } from '../../contract/activities/effect-inputs';
import { lockOpenRollout, openRehearsed, openRollout } from '../../sql/state';
import type { RolloutRow } from '../../sql/state';
import { requireDecisions, requireStandingDecisions, requireUsedDecisions } from './decisions-at-effect';
import type { DecisionsToVerify } from './decisions-at-effect';
import { neededApprovals } from './needed-approvals';
import { openedGate } from './opened-gate';
import { decidesAlone, type FindEnvironment } from '../environment/environment';
import type { Session } from '../environment/session';
import { requireNotHeld } from '../state/hold';
import { readRow } from '../state/observe-state';
import { isGuarded } from '../state/read-write-guard';
import { requireOpenWindow, requireRightServer } from '../state/point-of-no-return';
import type { Electorate } from './voters';

/** What effects of a rollout need. */
export interface RolloutDeps {
  environment: FindEnvironment;
  /** Only the production worker has it; a change of production without it refuses. */
  electorate?: Electorate;
}

/** @throws `WrongState` unless the plan is the one whose digest was approved */
export function requireApprovedPlan({ plan, planDigest }: OutOfUseInput): void {
  if (digestOf(plan) === planDigest) return;
  throw permanent(
    'WrongState',
    'expected the plan that was approved, found another digest; nothing was changed; answer "abort", find out who has changed it, start again',
  );
}

/**
 * In the transaction of an effect that can be undone: right server, state row open and kept so until the end of the
 * transaction (an abort waits for it, or comes first and is found), decisions that stand. Uses nothing up.
 *
 * @throws `WrongState`, `NotDecided`
 */
export async function allowReversibly(
  session: Omit<Session, 'signal'>,
  deps: RolloutDeps,
  order: OutOfUseInput,
): Promise<void> {
  const asked = await decisionsFor(session, deps, order);
  if (asked === undefined) return;
  await requireStandingDecisions(session.client, ...asked);
  await requireNotHeld(session.client, order.run);
}

/**
 * The same for the drop, which uses the decisions up, and only while the policy lets production be changed, unless the approval was
 * given for another time than that.
 *
 * @throws `WrongState`, `NotDecided`
 */
export async function allowDrop(
  session: Omit<Session, 'signal'>,
  deps: RolloutDeps,
  order: OutOfUseInput,
): Promise<void> {
  const asked = await decisionsFor(session, deps, order);
  if (asked === undefined) return;
  const [{ policy }, { override }] = asked;
  await requireDecisions(session.client, ...asked);
  await requireNotHeld(session.client, order.run);
  if (override === undefined) await requireOpenWindow(session.client, policy, toMs(order.plan.durations.monitor));
}

/**
 * Looks at the server, and locks the state row. What is to be verified then in production: codes, quorum, expiry, policy and
 * requesters of the state row. Undefined: staging decides by itself.
 */
async function decisionsFor(
  session: Omit<Session, 'signal'>,
  { electorate }: RolloutDeps,
  order: OutOfUseInput,
): Promise<[Electorate, DecisionsToVerify & Overriding] | undefined> {
  const { client, environment } = session;
  const { run, plan, planDigest, decision, identity } = order;
  await requireRightServer(session, identity);
  if (decidesAlone(environment)) {
    await client.query(openRollout, [run.workflowId, run.firstRun, run.target, planDigest, 'staging', []]);
    await client.query(openRehearsed, [run.workflowId, run.firstRun]);
  }
  await requireOpenRow(client, order);
  if (decidesAlone(environment)) return undefined;
  if (electorate === undefined)
    throw permanent(
      'NotDecided',
      'expected the approval key, found none on this worker; add "approvalKey" to its settings, start it again, answer "retry"',
    );
  return [electorate, await productionAsked(client, electorate, { run, plan, planDigest, decision })];
}

/** Why windows and freezes don't hold, as the order of this run says and its approvers were told. Absent = they hold. */
interface Overriding {
  override?: string;
}

/** By the gate as this worker has opened it: whatever workflow or input say, an override takes one more approval. */
async function productionAsked(
  client: PostgresClient,
  { policy }: Electorate,
  {
    run,
    plan,
    planDigest,
    decision,
  }: Pick<OutOfUseInput, 'run' | 'plan' | 'planDigest'> & Pick<DecisionsToVerify, 'decision'>,
): Promise<DecisionsToVerify & Overriding> {
  const opened = decision && (await openedGate(client, run, decision.gate.challenge));
  const override = opened?.gate.override;
  return {
    ...{ run, planDigest, decision, name: 'production', purpose: 'approve' },
    needs: neededApprovals(policy, plan, override),
    ...(override !== undefined && { override }),
  };
}

/**
 * For what follows the transaction of the drop, where the platform's tool changes the schema: that transaction was this
 * run's, of this plan, and its decisions allow this, too; and nobody is taking it back.
 *
 * @throws `WrongState`, `NotDecided`
 */
export async function allowAfterDrop(
  session: Omit<Session, 'signal'>,
  { electorate }: RolloutDeps,
  { run, plan, planDigest, decision, identity }: OutOfUseInput,
): Promise<void> {
  const { client, environment } = session;
  await requireRightServer(session, identity);
  const row = await readRow(client, run);
  const isTakenBack = await isGuarded(client, plan);
  if (row?.state !== 'dropped' || row.planDigest !== planDigest || isTakenBack) {
    const found = `found ${row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`}${isTakenBack ? ', being rolled back' : ''}`;
    throw permanent(
      'WrongState',
      `expected the state row "dropped" for plan ${planDigest.slice(0, 12)}, ${found}; the action was not run`,
    );
  }
  if (decidesAlone(environment)) return;
  if (electorate === undefined) throw permanent('NotDecided', 'expected the approval key, found none on this worker');
  const asked = await productionAsked(client, electorate, { run, plan, planDigest, decision });
  await requireUsedDecisions(client, electorate, asked);
}

async function requireOpenRow(client: PostgresClient, { run, planDigest }: OutOfUseInput): Promise<void> {
  const { rows } = await client.query<RolloutRow>(lockOpenRollout, [run.workflowId, run.firstRun]);
  const row = rows[0];
  if (row?.state === 'open' && row.planDigest === planDigest) return;
  throw notOpen(row, planDigest);
}

/**
 * Before anything is looked at that takes a while, and without a lock that an abort would have to wait for.
 *
 * @throws `WrongState` if this run was aborted
 */
export async function refuseAborted(client: PostgresClient, { run, planDigest }: OutOfUseInput): Promise<void> {
  const row = await readRow(client, run);
  if (row?.state === 'aborted') throw notOpen(row, planDigest);
}

function notOpen(row: (Pick<RolloutRow, 'planDigest'> & { state: string }) | undefined, planDigest: string): Error {
  const found = row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`;
  const expected = `"open" for plan ${planDigest.slice(0, 12)}`;
  return permanent(
    'WrongState',
    `expected the state row ${expected}, found ${found}; nothing was changed; answer "abort", find out who has changed it, start again`,
  );
}
