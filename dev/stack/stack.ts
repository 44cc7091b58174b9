import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { roles } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import type { Child } from '../servers/child';
import { findFreePorts } from '../servers/free-port';
import type { LocalSlack } from '../local-slack/local-slack';
import { findPostgresFolder } from '../servers/programs';
import { describeEnvironment, startStackEnvironment } from './environment';
import type { EnvironmentPlace, StackEnvironment } from './environment';
import { startStackServers, startStackSlack } from './servers';
import type { StackServers } from './servers';
import { writeStackSettings } from './settings';
import type { SettledEnvironment, StackSettings } from './settings';
import { openStarted } from './started';
import type { Started } from './started';
import type { TemporalServer } from '../servers/temporal-server';
import { createThrowAwayFolder } from '../servers/throw-away-folder';
import { startWatchdog } from '../servers/watchdog';
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
  /** Ends all of it within a few seconds. */
  stop(): Promise<void>;
}

export type StackOrder = Pick<StackSettings, 'durations' | 'minimumSoak' | 'reportsFolder' | 'changePlan'> & {
  size?: EnvironmentPlace['size'];
  /** Ends what has started so far; the start then throws. */
  signal?: AbortSignal;
  /** Hears of each part that is ready: `worker`. */
  onReady?: (part: string) => void;
};

const target = 'agent-api';

/**
 * Starts all of it on free ports, as much at the same time as possible: about 5 s on two cores. Whatever was started
 * ends if something does not start, and by watchdogs if our process dies.
 */
export async function startStack(order: StackOrder): Promise<Stack> {
  const folder = createThrowAwayFolder('stack');
  const writeGuard = startWatchdog([], folder);
  const servers = openStarted();
  const processes = openStarted();
  const stop = async (): Promise<void> => {
    await processes.end(); // first those who use the others
    await servers.end();
    await rm(folder, { recursive: true, force: true });
    writeGuard.dismiss();
  };
  const interrupt = (): void => void processes.end().then(() => servers.end());
  order.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    order.signal?.throwIfAborted();
    return { ...(await start(order, folder, servers, processes)), target, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    order.signal?.removeEventListener('abort', interrupt);
  }
}

async function start(
  order: StackOrder,
  folder: string,
  servers: Started,
  processes: Started,
): Promise<Omit<Stack, 'target' | 'folder' | 'stop'>> {
  const { onReady = () => undefined, size, durations, minimumSoak, reportsFolder, changePlan } = order;
  const [{ temporal, postgres, redis }, slack] = await Promise.all([
    startStackServers(servers),
    servers.keep(startStackSlack(), (started) => started.close()),
  ]);
  onReady('servers');
  // Without the retries of the default, of which one that waits at our end would throw where nobody can catch it.
  const connecting = Connection.connect({ address: temporal.address, interceptors: [] });
  const connection = await servers.keep(connecting, (open) => open.close());

  const places = {
    staging: await placeOf('staging', { folder, postgres, redis, size }),
    production: await placeOf('production', { folder, postgres, redis, size }),
  };
  const settings = writeStackSettings({
    ...{ folder, target, slackApiUrl: slack.apiUrl, durations, minimumSoak, toolsFolder: findPostgresFolder() },
    environments: { staging: settled(places.staging), production: settled(places.production) },
    temporalUi: `${temporal.uiUrl}/namespaces/${temporal.namespace}`,
    ...(reportsFolder !== undefined && { reportsFolder }),
    ...(changePlan && { changePlan }),
  });
  const { address, namespace } = temporal;
  const application = (name: EnvironmentName): Promise<StackEnvironment> => {
    const starting = startStackEnvironment(places[name], places[name].facts);
    return processes.keep(starting, ({ platform }) => platform.stop());
  };
  const [staging, production, worker] = await Promise.all([
    application('staging'),
    application('production'),
    processes.keep(startWorkerProcess({ address, namespace, roles, env: settings.env, connection }), (child) =>
      child.stop(),
    ),
  ]);
  onReady('worker');
  return { temporal, connection, slack, environments: { staging, production }, settings, worker };
}

type Place = EnvironmentPlace & Required<Pick<EnvironmentPlace, 'ports'>>;

/** Ports are chosen before anything listens, since the worker's settings name them and it starts at the same time. */
async function placeOf(
  name: EnvironmentName,
  at: { folder: string; size: EnvironmentPlace['size'] } & Pick<StackServers, 'postgres' | 'redis'>,
): Promise<Place & { facts: ReturnType<typeof describeEnvironment> }> {
  const [front = 0, control = 0] = await findFreePorts(2);
  const place: Place = {
    ...{ name, target, folder: join(at.folder, name), ports: { front, control } },
    postgresUrl: at.postgres[name].url,
    redisUrl: at.redis[name].url,
    ...(at.size && { size: at.size }),
  };
  return { ...place, facts: describeEnvironment(place) };
}

function settled({ ports, facts }: Awaited<ReturnType<typeof placeOf>>): SettledEnvironment {
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  return { ...facts, platform: { frontUrl: at(ports.front), controlUrl: at(ports.control) } };
}
