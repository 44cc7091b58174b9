import type { EnvironmentName } from '../../contract/run/names';
import { startLocalSlack, type LocalSlack } from '../local-slack/local-slack';
import { startPostgres, type PostgresServer } from '../servers/postgres-server';
import { startRedis, type RedisServer } from '../servers/redis-server';
import { stackChannels, stackPeople } from './people';
import type { Started } from './started';
import { startTemporal, type TemporalServer } from '../servers/temporal-server';

/** The servers below the local stack, each of its own: two environments never share one. */
export interface StackServers {
  temporal: TemporalServer;
  postgres: Record<EnvironmentName, PostgresServer>;
  redis: Record<EnvironmentName, RedisServer>;
}

/** Starts all of them at the same time; `started` ends them. */
export async function startStackServers(started: Started): Promise<StackServers> {
  const kept = <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> =>
    started.keep(starting, (server) => server.stop());
  const [temporal, ...others] = await Promise.all([
    kept(startTemporal({ ui: true })),
    kept(startPostgres({ name: 'PostgreSQL staging' })),
    kept(startPostgres({ name: 'PostgreSQL production' })),
    kept(startRedis({ name: 'Redis staging' })),
    kept(startRedis({ name: 'Redis production' })),
  ]);
  const [stagingPostgres, productionPostgres, stagingRedis, productionRedis] = others;
  return {
    temporal,
    postgres: { staging: stagingPostgres, production: productionPostgres },
    redis: { staging: stagingRedis, production: productionRedis },
  };
}

/** A Slack with the people and channels of the local stack. */
export const startStackSlack = (): Promise<LocalSlack> =>
  startLocalSlack({
    users: stackPeople.map(({ slackId: id, name, realName }) => ({ id, name, realName })),
    channels: [...stackChannels],
  });
