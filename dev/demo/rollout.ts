import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import { readableInstant } from '../../contract/text/instant';
import { aftercareId, suggestedWorkflowId, taskQueues, workflowTypes } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import type { AftercareSeen } from '../../contract/activities/aftercare';
import type { Stage, Story } from '../stories/story';
import type { Stack } from '../stack/stack';
import { planName } from '../stack/settings';

/** Who asks for the rollout; so she may not vote. */
const requester = 'maria';

/** A client of the stack's Temporal, and the id that the rollout will have. */
export function openStage({ connection, temporal, target }: Stack): Pick<Stage, 'client' | 'workflowId'> {
  const client = new Client({ connection, namespace: temporal.namespace, identity: requester });
  return { client, workflowId: suggestedWorkflowId(target, planName, new Date()) };
}

/** Starts it as a release manager would; returns the id of the run. */
export async function startRollout({ client, workflowId }: Stage): Promise<string> {
  const handle = await client.workflow.start(workflowTypes.rollout, {
    workflowId,
    taskQueue: taskQueues.control,
    args: [{ plan: planName, requestedBy: requester, reason: 'the demo' }],
  });
  return handle.firstExecutionRunId;
}

/** Has the story interfere with each new state; one at a time, what comes meanwhile is passed over. */
export function interferenceOf(story: Story, stage: Stage): { with(facts: Facts): void; check(): void } {
  const interfere = story.interfere?.();
  let busy = false;
  let failed: unknown;
  return {
    with(facts) {
      if (interfere === undefined || busy) return;
      busy = true;
      interfere(stage, facts)
        .catch((error: unknown) => (failed ??= error))
        .finally(() => (busy = false));
    },
    check() {
      if (failed !== undefined && !stage.signal.aborted) throw failed as Error;
    },
  };
}

const aftercareLimitMs = 30_000;
const looksEveryMs = 250;

/** What aftercare saw, in one line; it has a week of its own, here a few seconds. It goes on until the backups go. */
export async function waitForAftercare({ client, signal }: Stage, run: Facts['run']): Promise<string> {
  const handle = client.workflow.getHandle(aftercareId(run));
  const ask = (): Promise<AftercareSeen | undefined> => handle.query<AftercareSeen>('seen').catch(() => undefined);
  const untilMs = Date.now() + aftercareLimitMs;
  let seen = await ask();
  while (seen?.looking !== false && Date.now() < untilMs) {
    await sleep(looksEveryMs, undefined, { signal });
    seen = (await ask()) ?? seen;
  }
  if (seen?.looking !== false) return `not ended within ${aftercareLimitMs / 1_000} s`;
  const red = seen.notGreen.length === 0 ? 'all green' : `not green: ${seen.notGreen.slice(0, 3).join(' | ')}`;
  return `${counted(seen.looks, 'look')} at production, ${red}; backups are kept until ${readableInstant(seen.destroyAt)}`;
}
