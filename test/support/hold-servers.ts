import { startPostgres } from '../../dev/postgres-server';
import { startRedis } from '../../dev/redis-server';
import { startTemporal } from '../../dev/temporal-server';

/** A process that starts one server of each kind, tells where they are, and holds them until it is ended. */
async function holdServers(): Promise<void> {
  const servers = await Promise.all([startPostgres(), startRedis(), startTemporal({ ui: false })]);
  console.log(JSON.stringify(servers.map(({ pid, logFile }) => ({ pid, logFile }))));
  setInterval(() => {}, 60_000);
}

void holdServers();
