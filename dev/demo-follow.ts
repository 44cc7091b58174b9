import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { Facts } from '../contract/facts';
import type { RolloutResult } from '../contract/outcome';

/** What the rollout says of itself, and the rollback once there is one. */
export interface Seen {
  rollout: Facts;
  rollback?: Facts;
}

/** How it ended. */
export interface Followed extends Seen {
  result: RolloutResult;
  rollbackResult?: RolloutResult;
}

const everyMs = 400;
const answerLimitMs = 4_000;

/** The workflow id of the rollback that a rollout orders. */
export const rollbackId = (workflowId: string): string => `${workflowId}/rollback`;

/** The answer of the query `status`; undefined when there is none: no such run, or no worker that lives. */
export async function askStatus(client: Client, workflowId: string): Promise<Facts | undefined> {
  const asking = client.withDeadline(Date.now() + answerLimitMs, () =>
    client.workflow.getHandle(workflowId).query<Facts>('status'),
  );
  return asking.catch(() => undefined);
}

/**
 * Looks at the rollout, and at its rollback, until they have ended.
 *
 * @throws if the workflow failed (invalid input, or a bug of ours) or the demo is interrupted
 */
export async function follow(
  client: Client,
  workflowId: string,
  onSeen: (seen: Seen) => void,
  signal: AbortSignal,
): Promise<Followed> {
  const rollout = resultOf(client, workflowId);
  let rollback: Ending | undefined;
  let seen: Seen | undefined;
  for (;;) {
    signal.throwIfAborted();
    seen = await look(client, workflowId, seen, rollback);
    if (seen !== undefined) onSeen(seen);
    if (seen?.rollback !== undefined) rollback ??= resultOf(client, rollbackId(workflowId));
    for (const ending of [rollout, rollback]) if (ending?.failed !== undefined) throw ending.failed;
    const { result } = rollout;
    const rollbackEnded = rollback === undefined ? result?.outcome !== 'rolled-back' : rollback.result !== undefined;
    // Once more after the end: what was last said is wanted too.
    if (result !== undefined && rollbackEnded && seen?.rollout.outcome !== undefined) {
      return { ...seen, result, ...(rollback?.result && { rollbackResult: rollback.result }) };
    }
    await sleep(everyMs, undefined, { signal });
  }
}

async function look(
  client: Client,
  workflowId: string,
  before: Seen | undefined,
  known: Ending | undefined,
): Promise<Seen | undefined> {
  const facts = (await askStatus(client, workflowId)) ?? before?.rollout;
  if (facts === undefined) return undefined;
  const mayHave = known !== undefined || facts.held !== undefined || facts.outcome === 'rolled-back';
  const rollback = (mayHave ? await askStatus(client, rollbackId(workflowId)) : undefined) ?? before?.rollback;
  return { rollout: facts, ...(rollback && { rollback }) };
}

interface Ending {
  result?: RolloutResult;
  failed?: Error;
}

/** Filled when the run ends. */
function resultOf(client: Client, workflowId: string): Ending {
  const ending: Ending = {};
  client.workflow
    .getHandle<() => Promise<RolloutResult>>(workflowId)
    .result()
    .then(
      (result) => (ending.result = result),
      (error: unknown) => {
        const cause = error instanceof WorkflowFailedError ? error.cause : error;
        ending.failed = cause instanceof Error ? cause : new Error(String(cause));
      },
    );
  return ending;
}
