import type { Answer, SampleParts } from './request';

/** `select 1` and PING, nothing else: it stays green while the old release has lost its columns. */
export async function checkHealth({ release, pool, redis }: SampleParts): Promise<Answer> {
  const [database, cache] = await Promise.all([isUp(pool.query('SELECT 1')), isUp(redis.ping())]);
  const healthy = database && cache;
  return {
    status: healthy ? 200 : 503,
    body: { status: healthy ? 'ok' : 'unhealthy', database, cache, release: release.name, commit: release.commit },
  };
}

function isUp(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
