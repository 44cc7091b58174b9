import { startPostgres, startRedis, startTemporal } from './servers';

/** A process that starts one server of each kind, tells where they are, and holds them until it is ended. */
async function holdServers(): Promise<void> {
  const servers = await Promise.all([startPostgres(), startRedis(), startTemporal({ ui: false })]);
  console.log(JSON.stringify(servers.map(({ pid, logFile }) => ({ pid, logFile }))));
  setInterval(() => {}, 60_000);
}

void holdServers();
