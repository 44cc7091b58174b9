import { Pool } from 'pg';

/** What writers of a table have seen; sent to the parent. */
export interface WriterWaits {
  writes: number;
  worstMs: number;
  failed: number;
}

/**
 * Twenty writers a second, each to another row, none of which waits for another, until it is told to stop. In a process
 * of its own, so that they wait for PostgreSQL and not for our own work.
 */
process.once('message', async ({ url, ids }: { url: string; ids: string[] }) => {
  const pool = new Pool({ connectionString: url, min: 10, max: 60 });
  pool.on('error', () => {});
  await Promise.all(Array.from({ length: 10 }, () => pool.query('select pg_sleep(0.1)'))); // connected before it counts
  const waits: WriterWaits = { writes: 0, worstMs: 0, failed: 0 };
  const writing = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const startedAt = performance.now();
    const id = ids[waits.writes % ids.length];
    const write: Promise<void> = pool
      .query(`update sessions set title = 'written' where id = $1`, [id])
      .then(
        () => void (waits.worstMs = Math.max(waits.worstMs, performance.now() - startedAt)),
        () => void (waits.failed += 1),
      )
      .finally(() => writing.delete(write));
    waits.writes += 1;
    writing.add(write);
  }, 50);
  process.send?.('writing');
  await new Promise((resolve) => process.once('message', resolve));
  clearInterval(timer);
  await Promise.all(writing);
  await pool.end();
  process.send?.(waits, () => process.disconnect());
});
