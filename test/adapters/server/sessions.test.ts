import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import { findLongTransactions, withAdvisoryLock } from '../../../adapters/server/sessions';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { openSampleDatabase, type SampleDatabase } from '../../support/stages/sample-database';
import { startPostgres } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

let database: SampleDatabase;
let other: Postgres;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon first');
  other = openPostgres({ url: database.url, applicationName: 'rubicon second' });
});
afterAll(() => database.close());

const first = <T>(callback: Parameters<Postgres['withClient']>[0]): Promise<T> =>
  database.postgres.withClient(callback) as Promise<T>;

describe('the advisory lock', () => {
  test('is held by one session at a time, and says by which', async () => {
    const outcome = await first((client) =>
      withAdvisoryLock(client, 'rubicon/agent-api', () =>
        other.withClient((second) => withAdvisoryLock(second, 'rubicon/agent-api', async () => 'both')),
      ),
    );
    expect(outcome).toMatchObject({
      locked: true,
      value: { locked: false, holder: { application: 'rubicon first', user: 'postgres', state: 'idle' } },
    });
  });

  test('is one of many: other keys are free meanwhile', async () => {
    const outcome = await first((client) =>
      withAdvisoryLock(client, 'rubicon/a', () =>
        other.withClient((second) => withAdvisoryLock(second, 'rubicon/b', async () => 'both')),
      ),
    );
    expect(outcome).toEqual({ locked: true, value: { locked: true, value: 'both' } });
  });

  test('is free again after its callback, also when that throws', async () => {
    await first(async (client) => {
      const failing = withAdvisoryLock(client, 'rubicon/c', () => Promise.reject(new Error('the step failed')));
      await expect(failing).rejects.toThrow('the step failed');
      const again = await other.withClient((second) => withAdvisoryLock(second, 'rubicon/c', async () => 'again'));
      expect(again).toEqual({ locked: true, value: 'again' });
    });
  });

  test('goes with a session that dies', async () => {
    const dying = first((client) =>
      withAdvisoryLock(client, 'rubicon/d', () => client.query('select pg_terminate_backend(pg_backend_pid())')),
    );
    await expect(dying).rejects.toMatchObject({ sqlstate: '57P01' });
    const locked = () => other.withClient((second) => withAdvisoryLock(second, 'rubicon/d', async () => true));
    await until(async () => (await locked()).locked);
  });
});

describe('long transactions', () => {
  test('are named with user, application, state and age, and without what they asked', async () => {
    const found = await first((client) =>
      withTransaction(client, {}, async () => {
        await client.query(`select 'planted'`);
        return other.withClient((second) => findLongTransactions(second, 0));
      }),
    );
    expect(found).toEqual({
      sessions: [
        {
          pid: expect.any(Number),
          user: 'postgres',
          application: 'rubicon first',
          state: 'idle in transaction',
          transactionAgeMs: expect.any(Number),
          startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        },
      ],
      prepared: [],
      hiddenCount: 0,
    });
  });

  test('that are younger than the limit do not count', async () => {
    const found = await first((client) =>
      withTransaction(client, {}, () => other.withClient((second) => findLongTransactions(second, 60_000))),
    );
    expect(found).toMatchObject({ sessions: [] });
  });

  test('of sessions that the role may not see are counted as hidden', async () => {
    const role = `blind_${database.name}`;
    await database.query(`create role ${role} login password 'blind'`);
    const url = new URL(database.url);
    Object.assign(url, { username: role, password: 'blind' });
    const blind = openPostgres({ url: url.href, applicationName: 'rubicon blind' });
    const found = await first<{ sessions: unknown[]; hiddenCount: number }>((client) =>
      withTransaction(client, {}, () => blind.withClient((second) => findLongTransactions(second, 0))),
    );
    expect(found.sessions).toEqual([]);
    expect(found.hiddenCount).toBeGreaterThanOrEqual(1);
  });

  test('that are prepared for two-phase commit count, although no session holds them', async () => {
    const server = await startPostgres({ name: 'PostgreSQL two-phase', settings: { max_prepared_transactions: 1 } });
    try {
      const postgres = openPostgres({ url: server.url, applicationName: 'rubicon two-phase' });
      const found = await postgres.withClient(async (client) => {
        await client.query('begin');
        await client.query('create table kept ()');
        await client.query(`prepare transaction 'forgotten'`);
        return findLongTransactions(client, 0);
      });
      expect(found.prepared).toEqual([{ name: 'forgotten', owner: 'postgres', ageMs: expect.any(Number) }]);
    } finally {
      await server.stop();
    }
  });
});
