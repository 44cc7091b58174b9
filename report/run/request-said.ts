import type { Facts } from '../../contract/run/facts';
import { droppedLine, heldLine, questionLine } from './announcements';
import { why } from './why';

/** What a run says of itself to those who were asked about it, the newest first; what changes every minute is not among it. */
export function requestSaid(facts: Facts): string[] {
  const { outcome, held, question, pastTheDrop, kind, plan, run } = facts;
  if (outcome !== undefined) return [why(facts)];
  return [
    ...(question === undefined ? [] : [questionLine(question)]),
    ...(held === undefined ? [] : [heldLine(held.reason)]),
    ...(kind === 'rollout' && pastTheDrop ? [droppedLine(plan?.removes ?? [], run.target)] : []),
  ];
}
