import type { StartEvent } from '../../adapters/start-event';
import type { Temporal } from '../../adapters/temporal';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import { saysSomething } from '../../contract/text/plain-text';
import { taskQueues, workflowTypes } from '../../contract/run/names';
import type { Person } from '../decisions/policy';
import { personsNamed } from './requesters';

/** What the order of a run says, as this worker has read it from the start event itself. */
export interface SeenOrder {
  /** Whoever asked for it: named by its input, and by the start event. None of them may vote. */
  requesters: string[];
  /** Of a rollback the author of the plan may vote: it takes the plan back. */
  isRollout: boolean;
  /** Who wrote its plan, as its input says. Absent = it names none. */
  author?: string;
  /** The server names no caller that it has checked: these names are what the sender wrote. */
  isClaimed: boolean;
  /** Earliest instant at which production is changed, ISO. Absent = the order names none. */
  notBefore?: string;
  /** Why windows and freezes don't hold for it. Absent = they do. */
  override?: string;
}

/**
 * Reads the order of a run from Temporal. Guards against a gate that somebody opens in the name of a colleague, or of a run that is
 * none: what a workflow says of its own order is not asked.
 *
 * @throws `NotDecided` unless it is a rollout or a rollback of Rubicon
 */
export async function readOrder(
  temporal: Pick<Temporal, 'startEvent'>,
  people: readonly Person[],
  { workflowId, firstRun }: Pick<Run, 'workflowId' | 'firstRun'>,
): Promise<SeenOrder> {
  const event = await temporal.startEvent({ workflowId, runId: firstRun });
  requireOurs(workflowId, event);
  const [order] = event.input;
  const { requestedBy, notBefore, author, override } = textsOf(order);
  const named = [event.identity, event.principal ?? ''].flatMap((text) => personsNamed(text, people));
  const requesters = [...new Set([...(requestedBy === undefined ? [] : [requestedBy]), ...named])];
  const isClaimed = event.principal === undefined;
  return {
    ...{ requesters, isClaimed, isRollout: event.type === workflowTypes.rollout },
    ...(author !== undefined && { author }),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore).toISOString() }),
    ...(override !== undefined && { override }),
  };
}

function requireOurs(workflowId: string, { type, taskQueue }: StartEvent): void {
  const isOurs = type === workflowTypes.rollout || type === workflowTypes.rollback;
  if (isOurs && taskQueue === taskQueues.control) return;
  const found = `found "${type.slice(0, 80)}" on "${taskQueue.slice(0, 80)}"`;
  throw permanent(
    'NotDecided',
    `expected ${workflowId} to be a rollout or a rollback on "${taskQueues.control}", ${found}; no code was sent`,
  );
}

/** What of an order concerns a decision; an unusable one has failed its run in its first task. */
function textsOf(order: unknown): { requestedBy?: string; notBefore?: string; author?: string; override?: string } {
  if (typeof order !== 'object' || order === null) return {};
  const { requestedBy, notBefore, author, override } = order as Record<string, unknown>;
  const isInstant = typeof notBefore === 'string' && !Number.isNaN(Date.parse(notBefore));
  return {
    ...(typeof requestedBy === 'string' && { requestedBy }),
    ...(isInstant && { notBefore }),
    ...(typeof author === 'string' && { author }),
    ...(typeof override === 'string' && saysSomething(override) && { override }),
  };
}
