import { Pool } from 'pg';

/** What readers of a table have seen; sent to the parent. */
export interface ReaderWaits {
  reads: number;
  worstMs: number;
  failed: number;
}

/**
 * Twenty readers a second, none of which waits for another, until it is told to stop. In a process of its own, so that
 * they wait for PostgreSQL and not for our own work.
 */
process.once('message', async ({ url, sql }: { url: string; sql: string }) => {
  const pool = new Pool({ connectionString: url, min: 20, max: 180 });
  pool.on('error', () => {});
  await Promise.all(Array.from({ length: 20 }, () => pool.query('select pg_sleep(0.1)'))); // connected before it counts
  const waits: ReaderWaits = { reads: 0, worstMs: 0, failed: 0 };
  const reading = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const startedAt = performance.now();
    const read: Promise<void> = pool
      .query(sql)
      .then(
        () => void (waits.worstMs = Math.max(waits.worstMs, performance.now() - startedAt)),
        () => void (waits.failed += 1),
      )
      .finally(() => reading.delete(read));
    waits.reads += 1;
    reading.add(read);
  }, 50);
  process.send?.('reading');
  await new Promise((resolve) => process.once('message', resolve));
  clearInterval(timer);
  await Promise.all(reading);
  await pool.end();
  process.send?.(waits, () => process.disconnect());
});
