import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from '../../contract/run/facts';
import { statusEvents } from '../../report/status-events';
import { lookAt, type Look } from './look';
import type { Session } from './with-rollouts';

const lookEveryMs = 1_000;

interface Watching {
  show: (look: Look, before: Look | undefined) => void;
  /** Ends earlier, with the last look; the run goes on. Default: never. */
  limitMs?: number;
}

/**
 * Looks at a run again and again until it has ended, and shows each look that differs from the last one.
 */
export async function watchRun(
  { rollouts, interrupt }: Session,
  workflowId: string,
  { show, limitMs = Infinity }: Watching,
): Promise<Look> {
  const end = Date.now() + limitMs;
  let before: Look | undefined;
  for (;;) {
    const look = await lookAt(rollouts, workflowId);
    if (JSON.stringify(look) !== JSON.stringify(before)) show(look, before);
    before = look;
    if (!look.record.open || Date.now() >= end) return look;
    await sleep(Math.min(lookEveryMs, end - Date.now()), undefined, { signal: interrupt });
  }
}

/** One event a line; without a worker, what Temporal's record says. */
export function eventsOf(look: Look, before: Look | undefined): string[] {
  const earlier: Facts | undefined = before !== undefined && 'facts' in before ? before.facts : undefined;
  if ('facts' in look) return statusEvents(earlier, look.facts, new Date().toISOString());
  if (before !== undefined && 'silent' in before && before.record.status === look.record.status) return [];
  const { status, why, failure } = look.record;
  return [
    `○ ${status} (${look.silent})${why === undefined ? '' : `: ${why}`}`,
    ...(failure === undefined ? [] : [failure]),
  ];
}
