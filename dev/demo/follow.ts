import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError, type Client } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import type { RolloutResult } from '../../contract/run/outcome';

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
/** Temporal may close a connection that is old, or be busy: only a longer silence is a fault. */
const silenceLimitMs = 60_000;

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
 * Looks at the rollout, and at its rollback, until they have ended; for hours if need be.
 *
 * @throws if the workflow failed (invalid input, or a bug of ours), Temporal is silent or the demo is interrupted
 */
export async function follow(
  client: Client,
  workflowId: string,
  onSeen: (seen: Seen) => void,
  signal: AbortSignal,
): Promise<Followed> {
  const rollout = watchEnd<RolloutResult>(client, workflowId);
  const rollback = watchEnd<RolloutResult>(client, rollbackId(workflowId));
  let seen: Seen | undefined;
  for (;;) {
    signal.throwIfAborted();
    const result = await rollout();
    // After the end is asked for, so that what was last said is seen too.
    seen = await look(client, workflowId, seen);
    if (seen !== undefined) onSeen(seen);
    const rollbackResult = seen?.rollback === undefined ? undefined : await rollback();
    const rollbackEnded = rollbackResult !== undefined || (!seen?.rollback && result?.outcome !== 'rolled-back');
    if (result !== undefined && rollbackEnded && seen?.rollout.outcome !== undefined) {
      return { ...seen, result, ...(rollbackResult && { rollbackResult }) };
    }
    await sleep(everyMs, undefined, { signal });
  }
}

async function look(client: Client, workflowId: string, before: Seen | undefined): Promise<Seen | undefined> {
  const facts = (await askStatus(client, workflowId)) ?? before?.rollout;
  if (facts === undefined) return undefined;
  const mayHave = before?.rollback !== undefined || facts.held !== undefined || facts.outcome === 'rolled-back';
  const rollback = (mayHave ? await askStatus(client, rollbackId(workflowId)) : undefined) ?? before?.rollback;
  return { rollout: facts, ...(rollback && { rollback }) };
}

/**
 * Makes what tells how a run ended, and undefined as long as it has not. Asks anew each time: the stack's connection
 * does not try again by itself.
 *
 * @throws what failed the workflow; the last fault when Temporal has not answered for a minute
 */
export function watchEnd<T>(client: Client, workflowId: string): () => Promise<T | undefined> {
  const handle = client.workflow.getHandle<() => Promise<T>>(workflowId);
  let heardAtMs = Date.now();
  return async () => {
    try {
      const { closeTime } = await handle.describe();
      heardAtMs = Date.now();
      return closeTime === undefined ? undefined : await handle.result();
    } catch (error) {
      if (error instanceof ServiceError && Date.now() - heardAtMs < silenceLimitMs) return undefined;
      throw error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
    }
  };
}
