import type { PostgresClient } from '../adapters/postgres';
import { stricter } from '../contract/decisions';
import { digestOf } from '../contract/digest';
import { permanent } from '../contract/failures';
import type { RestoreInput } from '../contract/steps';
import { requireDecisions, requireStandingDecisions, requireUsedDecisions } from './decisions-at-effect';
import type { DecisionsToVerify } from './decisions-at-effect';
import type { Environment, FindEnvironment } from './environment';
import { readRow } from './look-at-world';
import type { Electorate } from './voters';

export interface RestoreDeps {
  environment: FindEnvironment;
  /** Only the production worker has it; a rollback in production without it refuses. */
  electorate?: Electorate;
}

/** @throws `WrongWorld` unless the plan is the one whose digest was approved */
export function requireOwnDigest({ plan, planDigest }: RestoreInput): void {
  if (digestOf(plan) === planDigest) return;
  throw permanent('WrongWorld', 'expected the plan that was dropped, found another digest; nothing was changed');
}

/** Verifies the decisions and uses their challenge up; in the transaction of the first effect. Staging needs none. */
export async function allowRollback(
  client: PostgresClient,
  { electorate }: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
): Promise<void> {
  if (environment.name === 'staging') return;
  for (const decision of asked(electorate, input)) await requireDecisions(client, ...decision);
}

/** Before the first effect: they hold, and nothing of them is used. */
export async function requireStanding(
  client: PostgresClient,
  { electorate }: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
): Promise<void> {
  if (environment.name === 'staging') throw permanent('NotDecided', 'expected production: staging gets no new keys');
  for (const decision of asked(electorate, input)) await requireStandingDecisions(client, ...decision);
}

/** For the effects that follow: the same decisions, whose challenge the first effect has used. */
export async function requireAllowed(
  client: PostgresClient,
  { electorate }: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
): Promise<void> {
  if (environment.name === 'staging') return;
  for (const decision of asked(electorate, input)) await requireUsedDecisions(client, ...decision);
}

/** That there is something to take back, or that it was taken back by now: the effects after the first may be repeated. */
export async function requireDropped(client: PostgresClient, { rollout }: RestoreInput): Promise<void> {
  const row = await readRow(client, rollout);
  if (row?.state === 'dropped' || row?.state === 'rolled-back') return;
  const found = `found "${row?.state ?? 'no row'}"; nothing was changed`;
  throw permanent('WrongWorld', `expected ${rollout.workflowId} to have dropped, ${found}`);
}

/**
 * An accepted loss needs the quorum of the rollout; a rollback without loss one person on call. New keys need besides that
 * one of their custodians has opened them.
 */
function asked(electorate: Electorate | undefined, input: RestoreInput): [Electorate, DecisionsToVerify][] {
  if (electorate === undefined) throw permanent('NotDecided', 'expected the approval key, found none on this worker');
  const { run, plan, planDigest, gate, votes = [], newKeys } = input;
  if (gate === undefined)
    throw permanent('NotDecided', 'expected the gate of the rollback, found none; nothing was changed');
  const { policy } = electorate;
  const lossy = gate.purpose === 'accept-loss';
  const needs = lossy ? stricter(plan.approvals, policy.approvals) : { [policy.onCall]: 1 };
  const purpose = lossy ? ('accept-loss' as const) : ('approve' as const);
  const of = { run, planDigest, requesters: gate.requesters };
  const opened: DecisionsToVerify[] =
    newKeys === undefined
      ? []
      : [
          {
            ...of,
            name: 'hand-out',
            purpose: 'receive',
            needs: { [policy.custodian]: 1 },
            gate: newKeys.gate,
            votes: newKeys.votes,
          },
        ];
  return [{ ...of, name: 'rollback', purpose, needs, gate, votes }, ...opened].map((decision) => [
    electorate,
    decision,
  ]);
}
