import { setTimeout as rest } from 'node:timers/promises';
import { selectThrottle } from '../../sql/throttle';
import type { Session } from '../environment/session';

/** A standby that is so far behind is given time: its readers see old rows, and its log fills the disk. */
const usual = { lagMs: 10_000, lagBytes: 256 * 1_024 * 1_024 };
const looksEveryMs = 500;

/** A standby that is behind on purpose, or for good, must not stop a way back: after so long in one fill it goes on. */
const lagPatienceMs = 600_000;

/** One fill's waiting, between its batches. */
export interface Throttle {
  /** Returns when nothing is in the way any more. */
  untilCalm(): Promise<void>;
  /** So far, over all batches. */
  waitedMs(): number;
}

/** A session that writes in batches, and waits between two of them. */
export interface ThrottledSession extends Session {
  throttle: Throttle;
}

/** For what must not wait: people do, in maintenance. */
export const unthrottled: Throttle = { untilCalm: async () => undefined, waitedMs: () => 0 };

/** On a copy nothing is waited for: it has no standby, and the wish for rest that was copied with it is none about it. */
export const throttleOf = ({ client, environment, signal }: Session): Throttle =>
  environment.copy === undefined ? openThrottle({ client, signal }) : unthrottled;

/**
 * Waits between two batches of a fill while a standby is far behind, or a database administrator asks for it
 * (`rubicon.throttle`). Guards against a way back that takes the standbys down.
 */
export function openThrottle({ client, signal }: Omit<Session, 'environment'>, most = usual): Throttle {
  let [waitedMs, lagMs] = [0, 0];
  const untilCalm = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      type Row = { asked: boolean; behind: boolean };
      const { rows } = await client.query<Row>(selectThrottle, [most.lagMs, most.lagBytes]);
      const { asked = false, behind = false } = rows[0] ?? {};
      if (!asked && (!behind || lagMs >= lagPatienceMs)) return;
      const startedAt = performance.now();
      await rest(looksEveryMs, undefined, { signal });
      const restedMs = performance.now() - startedAt;
      waitedMs += restedMs;
      if (!asked) lagMs += restedMs;
    }
  };
  return { untilCalm, waitedMs: () => Math.round(waitedMs) };
}
