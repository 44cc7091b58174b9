import { setTimeout as rest } from 'node:timers/promises';
import type { PostgresClient } from '../adapters/postgres';
import { selectThrottle } from '../sql/throttle';

/** A standby that is so far behind is given time: its readers see old rows, and its log fills the disk. */
const usual = { lagMs: 10_000, lagBytes: 256 * 1_024 * 1_024 };
const looksEveryMs = 500;

/**
 * Waits between two batches of a fill while a standby is far behind, or a database administrator asks for it
 * (`rubicon.throttle`). Guards against a way back that takes the standbys down. Returns the milliseconds that it waited.
 */
export async function untilCalm(client: PostgresClient, signal: AbortSignal, most = usual): Promise<number> {
  const startedAt = performance.now();
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    const { rows } = await client.query<{ busy: boolean }>(selectThrottle, [most.lagMs, most.lagBytes]);
    if (rows[0]?.busy !== true) return waited ? Math.round(performance.now() - startedAt) : 0;
    await rest(looksEveryMs, undefined, { signal });
  }
}
