import { setTimeout as rest } from 'node:timers/promises';

const limitMs = 5_000;

/**
 * Reads again and again until everything is there, 5 s at most: lines of an application that buffers its log arrive late.
 * The last reading counts, whole or not.
 */
export async function readUntilSeen<Read extends { isWhole: boolean }>(
  read: () => Promise<Read>,
  signal: AbortSignal,
): Promise<Read> {
  const limitAt = Date.now() + limitMs;
  for (;;) {
    const result = await read();
    if (result.isWhole || Date.now() > limitAt) return result;
    await rest(250, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
