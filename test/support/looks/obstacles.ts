import { Client } from 'pg';
import type { TestDatabase } from '../servers/servers';
import { until } from './until';

/** Somebody's open transaction that holds something which a step needs. */
export interface Obstacle {
  /** Ends the transaction; everybody goes on. */
  lift(): Promise<void>;
}

/** Holds what `sql` locks, as an application's long transaction would. */
export async function holdLock({ url }: Pick<TestDatabase, 'url'>, sql: string): Promise<Obstacle> {
  const client = new Client({ connectionString: url, application_name: 'a long transaction of somebody else' });
  client.on('error', () => undefined); // the database goes at the end of the run
  await client.connect();
  await client.query('begin');
  await client.query(sql);
  return { lift: () => client.end() };
}

/** What a session of ours waits for, as the server sees it. */
interface Waiting {
  pid: number;
  query: string;
}

/** Sessions whose name is like this and that wait for somebody's lock. */
export const waitingSessions = (
  { query }: Pick<TestDatabase, 'query'>,
  name: string,
  statement = '%',
): Promise<Waiting[]> =>
  query<Waiting & { [column: string]: unknown }>(
    `select pid, query from pg_stat_activity where datname = current_database()
       and application_name like $1 and wait_event_type = 'Lock' and query ilike $2`,
    [name, statement],
  );

/** Until a session of ours waits for a lock with such a statement. */
export const untilWaiting = (database: TestDatabase, name: string, statement?: string): Promise<void> =>
  until(async () => (await waitingSessions(database, name, statement)).length > 0, 60_000);

/** Until a session of ours is there, whatever it does. */
export const untilConnected = ({ query }: TestDatabase, name: string): Promise<void> =>
  until(
    async () => (await query(`select from pg_stat_activity where application_name like $1`, [name])).length > 0,
    60_000,
  );
