import type { Facts } from '../../contract/run/facts';
import type { Outcome } from '../../contract/run/outcome';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';

/**
 * One sentence for whoever asks at 3 a.m.: what the run waits for, who can end that, until when, and what happens then.
 * Also the memo `why`, which is readable without a worker, so it names no relative time.
 */
export function why(facts: Facts): string {
  const { outcome, waiting, held } = facts;
  const isOver = outcome !== undefined && waiting === undefined; // else it still puts back
  if (isOver) return lastWords(facts, outcome);
  const holding = held === undefined || waiting?.for === 'resume' ? '' : ` (on hold: ${oneLine(held.reason, 200)})`;
  if (waiting === undefined) return `${running(facts)}${holding}`;
  const { sentence, who, until, then } = waiting;
  const deadline = until === undefined ? 'no deadline' : `until ${readableInstant(until)}`;
  return (
    `Waits: ${oneLine(sentence, 300)}; who can end it: ${oneLine(who, 200)}; ${deadline}; ` +
    `then: ${oneLine(then, 200)}${holding}`
  );
}

/** They stay: how it ended, where the report is, and how it can be taken back. */
function lastWords({ because, report, kind, pastTheDrop, run, destroyAt }: Facts, outcome: Outcome): string {
  const until = destroyAt === undefined ? '' : `, with its backups until ${readableInstant(destroyAt)}`;
  const isInForce = kind === 'rollout' && pastTheDrop && outcome === 'done';
  return [
    oneLine(`Ended as ${outcome}: ${because ?? 'no reason was recorded'}`, 700),
    ...(report === undefined ? [] : [`report: ${oneLine(report, 200)}`]),
    ...(isInForce ? [`way back: npx rubicon rollback ${oneLine(run.workflowId, 200)}${until}`] : []),
  ].join('; ');
}

function running({ steps, phase }: Facts): string {
  const step = steps.findLast(({ state }) => state === 'running');
  if (step === undefined) return `Is between two steps of the phase ${phase}; no one needs to act`;
  return `Runs "${oneLine(step.name, 100)}" since ${readableInstant(step.startedAt)}; no one needs to act`;
}
