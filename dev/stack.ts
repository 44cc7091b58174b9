import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { Connection } from '@temporalio/client';
import { environments, roles } from '../contract/names';
import type { EnvironmentName } from '../contract/names';
import type { Child } from './child';
import { startLocalSlack } from './local-slack';
import type { LocalSlack } from './local-slack';
import { startPostgres } from './postgres-server';
import { findPostgresFolder } from './programs';
import { startRedis } from './redis-server';
import { startStackEnvironment } from './stack-environment';
import type { EnvironmentPlace, StackEnvironment } from './stack-environment';
import { stackChannels, stackPeople } from './stack-people';
import { writeStackSettings } from './stack-settings';
import type { StackSettings } from './stack-settings';
import { startTemporal } from './temporal-server';
import type { TemporalServer } from './temporal-server';
import { createThrowAwayFolder } from './throw-away-folder';
import { startWorkerProcess } from './worker-process';

/** Everything that a rollout needs, real and local: servers, application in two environments, Slack, settings, worker. */
export interface Stack {
  target: string;
  folder: string;
  temporal: TemporalServer;
  connection: Connection;
  slack: LocalSlack;
  environments: Record<EnvironmentName, StackEnvironment>;
  settings: { file: string; env: Record<string, string> };
  worker: Child;
  stop(): Promise<void>;
}

export type StackOrder = Pick<StackSettings, 'durations' | 'minimumSoak' | 'reportsFolder' | 'changePlan'> & {
  size?: EnvironmentPlace['size'];
};

/** The slackers' world of the local stack. */
export const startStackSlack = (): Promise<LocalSlack> =>
  startLocalSlack({
    users: stackPeople.map(({ slackId: id, name, realName }) => ({ id, name, realName })),
    channels: [...stackChannels],
  });

/** Starts all of it on free ports. Whatever was started ends if something does not start, or if our process dies. */
export async function startStack(order: StackOrder): Promise<Stack> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
  };
  const kept = async <T>(starting: Promise<T>, close: (started: T) => Promise<unknown>): Promise<T> => {
    const started = await starting;
    closers.push(() => close(started));
    return started;
  };
  try {
    const folder = createThrowAwayFolder('stack');
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const [temporal, slack] = await Promise.all([
      kept(startTemporal({ ui: true }), (started) => started.stop()),
      kept(startStackSlack(), (started) => started.close()),
    ]);
    const target = 'agent-api';
    const started = await Promise.all(
      environments.map(async (name) => {
        const [postgres, redis] = await Promise.all([
          kept(startPostgres({ name }), (server) => server.stop()),
          kept(startRedis({ name }), (server) => server.stop()),
        ]);
        const place = { name, target, folder: join(folder, name), postgresUrl: postgres.url, redisUrl: redis.url };
        const size = { ...(order.size && { size: order.size }) };
        return kept(startStackEnvironment({ ...place, ...size }), ({ platform }) => platform.stop());
      }),
    );
    const [staging, production] = started as [StackEnvironment, StackEnvironment];
    const both = { staging, production };
    const temporalUi = `${temporal.uiUrl}/namespaces/${temporal.namespace}`;
    const { durations, minimumSoak, reportsFolder, changePlan } = order;
    const settings = writeStackSettings({
      ...{ folder, target, environments: both, slackApiUrl: slack.apiUrl, temporalUi, durations, minimumSoak },
      toolsFolder: findPostgresFolder(),
      ...(reportsFolder !== undefined && { reportsFolder }),
      ...(changePlan && { changePlan }),
    });
    const connection = await kept(Connection.connect({ address: temporal.address }), (open) => open.close());
    const { address, namespace } = temporal;
    const worker = await kept(
      startWorkerProcess({ address, namespace, roles, env: settings.env, connection }),
      (child) => child.stop(),
    );
    return { target, folder, temporal, connection, slack, environments: both, settings, worker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
