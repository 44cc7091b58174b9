import { Redis } from 'ioredis';

/** What another client of the same Redis has seen; sent to the parent. */
export interface Waits {
  worstMs: number;
  calls: number;
}

/**
 * Reads one key after the other, with a rest in between, until it is told to stop. In a process of its own, so that it
 * waits for Redis and not for our own work.
 */
process.once('message', async ({ url, key }: { url: string; key: string }) => {
  const redis = new Redis(url);
  let beingRemoved = true;
  process.once('message', () => (beingRemoved = false));
  for (let call = 0; call < 200; call += 1) await redis.get(key); // until it runs at its usual speed
  process.send?.('watching');
  const waits: Waits = { worstMs: 0, calls: 0 };
  while (beingRemoved) {
    const startedAt = performance.now();
    await redis.get(key);
    waits.worstMs = Math.max(waits.worstMs, performance.now() - startedAt);
    waits.calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  redis.disconnect();
  process.send?.(waits, () => process.disconnect());
});
