import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { stricter, type Granted } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { findChallenge } from '../../sql/state';
import { requireDecisions, requireStandingDecisions, requireUsedDecisions } from './decisions-at-effect';
import type { DecisionsToVerify } from './decisions-at-effect';
import { decidesAlone, type FindEnvironment } from '../environment/environment';
import type { Session } from '../environment/session';
import { readRow } from '../state/observe-state';
import type { Electorate } from './voters';

/** What effects of a rollback need. */
export interface RestoreDeps {
  environment: FindEnvironment;
  /** Only the production worker has it; a rollback in production without it refuses. */
  electorate?: Electorate;
}

/** @throws `WrongState` unless the plan is the one whose digest was approved */
export function requireOwnDigest({ plan, planDigest }: RestoreInput): void {
  if (digestOf(plan) === planDigest) return;
  throw permanent('WrongState', 'expected the plan that was dropped, found another digest; nothing was changed');
}

/** Verifies the decisions and uses their challenge up; in the transaction of the first effect. Staging needs none. */
export async function allowRollback(
  { client, environment }: Omit<Session, 'signal'>,
  { electorate }: RestoreDeps,
  input: RestoreInput,
): Promise<void> {
  if (decidesAlone(environment)) return;
  const [approval, opened] = asked(electorate, input);
  if (opened === undefined) return requireDecisions(client, ...approval);
  await requireUsedDecisions(client, ...approval); // by the drawing of the keys
  await requireDecisions(client, ...opened);
}

/**
 * Uses the approval of the rollback up before new keys are drawn; a second time it finds that it was.
 *
 * @throws `NotDecided`
 */
export async function useApproval(
  { client, environment }: Omit<Session, 'signal'>,
  { electorate }: RestoreDeps,
  input: RestoreInput,
): Promise<void> {
  if (environment.name === 'staging') throw permanent('NotDecided', 'expected production: staging gets no new keys');
  const [approval] = asked(electorate, input);
  const { rows: used } = await client.query(findChallenge, [input.decision?.gate.challenge]);
  if (used.length > 0) return requireUsedDecisions(client, ...approval);
  await withTransaction(client, {}, () => requireDecisions(client, ...approval));
}

/** For the effects that follow: the same decisions, whose challenge the first effect has used. */
export async function requireAllowed(
  { client, environment }: Omit<Session, 'signal'>,
  { electorate }: RestoreDeps,
  input: RestoreInput,
): Promise<void> {
  if (decidesAlone(environment)) return;
  for (const decision of asked(electorate, input))
    if (decision !== undefined) await requireUsedDecisions(client, ...decision);
}

/**
 * That there is something to take back, or that it was taken back by now: the effects after the first may be repeated.
 *
 * @throws `WrongState` where it has dropped nothing
 */
export async function requireDropped(client: PostgresClient, { rollout }: RestoreInput): Promise<void> {
  const row = await readRow(client, rollout);
  if (row?.state === 'dropped' || row?.state === 'rolled-back') return;
  const found = `found "${row?.state ?? 'no row'}"; nothing was changed`;
  throw permanent('WrongState', `expected ${rollout.workflowId} to have dropped, ${found}`);
}

/**
 * That a rollback of this plan is approved, and has not begun: its gate is one of production's, its decisions stand.
 *
 * @throws `NotDecided`
 */
export async function requireToBeTakenBack(
  { client }: Omit<Session, 'signal'>,
  electorate: Electorate,
  { target, decision, ...of }: Pick<RestoreInput, 'plan' | 'planDigest'> & { target: string; decision: Granted },
): Promise<void> {
  const { workflowId, firstRun } = decision.gate;
  const approval = approvalOf(electorate, { ...of, run: { target, workflowId, firstRun }, decision });
  await requireStandingDecisions(client, electorate, approval);
}

type Asked = [Electorate, DecisionsToVerify];

/**
 * An accepted loss needs the quorum of the rollout; a rollback without loss one person on call. New keys need besides that
 * one of their custodians has opened them.
 */
function asked(electorate: Electorate | undefined, input: RestoreInput): [Asked, Asked | undefined] {
  if (electorate === undefined) throw permanent('NotDecided', 'expected the approval key, found none on this worker');
  const { run, planDigest, decision, newKeys } = input;
  if (decision === undefined)
    throw permanent('NotDecided', 'expected the gate of the rollback, found none; nothing was changed');
  const { policy } = electorate;
  const of = { run, planDigest };
  const opened: DecisionsToVerify | undefined =
    newKeys === undefined
      ? undefined
      : {
          ...of,
          ...{ name: 'hand-out', purpose: 'receive', needs: { [policy.custodian]: 1 } },
          decision: newKeys.opened,
        };
  const approval = approvalOf(electorate, { ...input, decision });
  return [[electorate, approval], opened && [electorate, opened]];
}

function approvalOf(
  { policy }: Electorate,
  { run, plan, planDigest, decision }: Pick<RestoreInput, 'run' | 'plan' | 'planDigest'> & { decision: Granted },
): DecisionsToVerify {
  const isLossy = decision.gate.purpose === 'accept-loss';
  return {
    ...{ run, planDigest, name: 'rollback', decision },
    purpose: isLossy ? 'accept-loss' : 'approve',
    needs: isLossy ? stricter(plan.approvals, policy.approvals) : { [policy.onCall]: 1 },
  };
}
