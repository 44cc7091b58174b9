import { Redis } from 'ioredis';
import type { SampleData } from './sample-data';

const WEEK_SECONDS = 7 * 24 * 60 * 60;

/**
 * Writes what the real application keeps in Redis and nowhere else (runbook, "The application"): a rollout that loses
 * one of these keys has destroyed data. Some of their names hold plaintext keys, others look much like cache entries.
 */
export async function seedPrimaryData(redisUrl: string, { keys, environment }: SampleData): Promise<void> {
  const redis = new Redis(redisUrl);
  const batch = redis.pipeline();
  keys.forEach((key, index) => {
    const id = `${environment}-${index + 1}`;
    const json = (fields: object) => JSON.stringify({ id, ...fields });

    for (const kind of ['project', 'agent', 'skill', 'slash_command', 'tool_preset']) {
      batch.set(`${kind}:${id}`, json({ name: `${kind} ${id}` }));
      batch.sadd(`${kind}s:index`, id);
    }
    // What users filled in themselves: the key stands in the names and in the value.
    batch.set(`mcp_server:${key}:files`, json({ url: 'http://mcp.invalid', headers: { 'X-API-Key': key } }));
    batch.sadd(`mcp_servers:index:${key}`, 'files');

    for (const kind of ['thread', 'message', 'run', 'checkpoint', 'checkpoint_writes', 'mcp_share', 'interrupted']) {
      batch.set(`${kind}:${id}`, json({ kind }), 'EX', WEEK_SECONDS);
    }
    batch.set(`active_session:${id}`, id, 'EX', WEEK_SECONDS);
    batch.set(`lock:session_lock:${id}`, 'held', 'EX', WEEK_SECONDS);
    batch.set(`key:${key}`, String(index), 'EX', WEEK_SECONDS);
  });
  // Near misses of the patterns that a flush removes.
  batch.set('sessions:statistics', '{"kept":true}');
  batch.set('assistant_templates:default', '{"kept":true}');
  await batch.exec();
  redis.disconnect();
}
