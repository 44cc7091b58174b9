import { Redis } from 'ioredis';
import type { FaultCase } from './fault-cases';
import type { FaultStage } from '../stages/fault-stage';
import { runFault } from './run-fault';
import { startRedis } from '../servers/servers';

/** More than one SCAN asks for. */
const entries = Array.from({ length: 5_000 }, (_, index) => `session:${index}`);
const primary = Array.from({ length: 500 }, (_, index) => `project:${index}`);

/** Lets a flush fail between two batches; afterwards the cache is empty, and everything else is as it was. */
export async function expectFlushToSurvive(stage: FaultStage, one: FaultCase): Promise<void> {
  const [server, place] = await Promise.all([startRedis(), stage.open('flushCache')]);
  const redis = new Redis(server.url);
  try {
    await redis.mset([...entries, ...primary].flatMap((name) => [name, `value of ${name}`]));
    place.environment.redisUrl = server.url;
    await runFault(stage, place, one);
    expect((await redis.keys('*')).sort()).toEqual([...primary].sort());
    await expect(redis.mget(primary)).resolves.toEqual(primary.map((name) => `value of ${name}`));
  } finally {
    redis.disconnect();
    await Promise.all([place.close(), server.stop()]);
  }
}
