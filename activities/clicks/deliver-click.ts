import type { Execution } from '../../adapters/temporal';
import type { Facts, MessageRecord } from '../../contract/run/facts';
import type { Click } from '../../contract/run/slack-click';
import type { ClickState } from '../../report/slack/slack-click';
import type { ClickDeps, Refused } from './click-deps';
import type { ClickSignal } from './click-signal';

/** A signal that Temporal has, and what its run had said of messages before. */
export interface Delivered {
  run: Pick<Execution, 'workflowId' | 'runId'>;
  before: readonly MessageRecord[];
}

/**
 * Sends the signal to the run that has opened the request, and to no later one of the same id. Sent twice after an answer that was lost,
 * it counts once: a person has one vote, and the others may be repeated.
 *
 * @throws what the client throws while Temporal does not answer
 */
export async function deliverClick(
  { temporal }: Pick<ClickDeps, 'temporal'>,
  { of: { workflowId, firstRun } }: Pick<Click, 'of'>,
  { signal, input }: ClickSignal,
): Promise<Delivered | Refused> {
  const found = await temporal.describe(workflowId);
  if (found === undefined || found.firstRun !== firstRun || !found.open)
    return { refused: 'expected a run that is open, found that it has ended' };
  const run = { workflowId, runId: found.runId };
  const { messages } = await statusOf(temporal, run);
  if (!(await temporal.signal(run, signal, input)))
    throw new Error(`expected ${workflowId} to go on, found that its run was just replaced`); // by a reset: the next try finds it
  return { run, before: messages };
}

const looksForMs = 20_000;
const looksEveryMs = 500;

/**
 * What the run says of it, by its own status. It is told to the clicker and to nobody else: what counts is decided by the effect behind
 * the request. Waits 20 s at most.
 */
export async function verdictOn(
  { temporal }: Pick<ClickDeps, 'temporal'>,
  { run, before }: Delivered,
  { signal, input, person }: ClickSignal & { person: string },
): Promise<ClickState> {
  const limitAt = Date.now() + looksForMs;
  const known = new Set(before.map((record) => JSON.stringify(record)));
  while (Date.now() < limitAt) {
    const { messages, votes, decisions } = await statusOf(temporal, run);
    const news = messages.filter((record) => record.kind === signal && !known.has(JSON.stringify(record)));
    const hasVoted = input.code !== undefined && votes.some(({ code }) => code === input.code);
    const hasRejected = decisions.some(({ by, decision }) => by === person && decision === signal);
    const taken = news.findLast(({ accepted }) => accepted);
    if (hasVoted || hasRejected || (taken !== undefined && signal !== 'approve'))
      return { is: 'counted', because: taken?.because ?? 'counted' };
    const refused = news.findLast(({ accepted }) => !accepted);
    if (refused !== undefined) return { is: 'refused', because: refused.because };
    await new Promise((resolve) => setTimeout(resolve, looksEveryMs));
  }
  return { is: 'delivered' };
}

const list = <T>(value: readonly T[] | undefined): T[] =>
  Array.isArray(value) ? (value as T[]).filter((each) => typeof each === 'object' && each !== null) : [];

type Status = Pick<Facts, 'messages' | 'votes' | 'decisions'>;

/** Without a worker there is none; and whoever may write to Temporal can answer a query with anything. */
async function statusOf(temporal: Pick<ClickDeps['temporal'], 'query'>, run: Delivered['run']): Promise<Status> {
  const facts = (await temporal.query(run, 'status')) as Partial<Facts> | null | undefined;
  const said = list(facts?.messages).filter(({ because }) => typeof because === 'string');
  return { messages: said, votes: list(facts?.votes), decisions: list(facts?.decisions) };
}
