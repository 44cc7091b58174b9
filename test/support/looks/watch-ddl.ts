import { Client } from 'pg';
import type { FaultPlace } from '../stages/fault-stage';

/** Sessions of ours that have begun to change something under the fence. */
const changing = `select count(*)::int as count from pg_stat_activity
  where application_name like 'rubicon ddl %' and datname = current_database() and backend_xid is not null`;

/** Looks again and again how many sessions of ours change the schema at the same moment. */
export function watchDdl({ environment }: FaultPlace): { stop(): Promise<number> } {
  let most = 0;
  let stopped = false;
  const look = async (): Promise<void> => {
    const client = new Client({ connectionString: environment.postgresUrl });
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!stopped) {
        const { rows } = await client.query<{ count: number }>(changing);
        most = Math.max(most, rows[0]?.count ?? 0);
        await pause();
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const looking = (async () => {
    while (!stopped) await look().catch(() => pause()); // its server may be restarted meanwhile
  })();
  return {
    stop: async () => {
      stopped = true;
      await looking;
      return most;
    },
  };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
