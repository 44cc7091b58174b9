import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { endSession, findBlockers, findSessions } from '../../../adapters/server/sessions';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { openSampleDatabase, sessions, type SampleDatabase } from '../../support/stages/sample-database';
import { startCuttingProxy } from '../../support/proxies/cutting-proxy';
import { until } from '../../support/looks/until';

let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon transactions');
  await database.query(`insert into assistants (id, name, model) values ('kept', 'Kept', 'm')`);
});
afterAll(() => database.close());

const drop = 'alter table sessions drop column owner_api_key';

async function columnIsThere(): Promise<boolean> {
  const rows = await database.query(
    `select from information_schema.columns where table_name = 'sessions' and column_name = 'owner_api_key'`,
  );
  return rows.length === 1;
}

/** Holds a reader's lock on `sessions` while `callback` runs. */
async function behindAReader<T>(callback: () => Promise<T>): Promise<T> {
  const reader = openPostgres({ url: database.url, applicationName: 'a long report' });
  return reader.withClient((client) =>
    withTransaction(client, {}, async () => {
      await client.query('select count(*) from sessions');
      return callback();
    }),
  );
}

test('a transaction commits what its callback did', async () => {
  await database.postgres.withClient((client) =>
    withTransaction(client, {}, () =>
      client.query(`insert into assistants (id, name, model) values ('new', 'New', 'm')`),
    ),
  );
  await expect(database.query(`delete from assistants where id = 'new' returning id`)).resolves.toHaveLength(1);
});

test('a transaction whose callback throws leaves nothing, and its session can be used', async () => {
  await database.postgres.withClient(async (client) => {
    const failing = withTransaction(client, {}, async () => {
      await client.query('delete from assistants');
      throw new Error('the check failed');
    });
    await expect(failing).rejects.toThrow('the check failed');
    expect(client.transactionStatus()).toBe('idle');
    await expect(client.query('select from assistants')).resolves.toMatchObject({ rowCount: 1 });
  });
});

test('a statement that failed in silence cannot pass as a commit', async () => {
  const passingOver = database.postgres.withClient((client) =>
    withTransaction(client, {}, async () => {
      await client.query('delete from assistants');
      await client.query('select 1 / 0').catch(() => undefined);
    }),
  );
  await expect(passingOver).rejects.toMatchObject({
    reaction: 'abort',
    message: expect.stringMatching(/^expected COMMIT, .* ROLLBACK/),
  });
  await expect(database.query('select from assistants')).resolves.toHaveLength(1);
});

test('a COMMIT whose answer is lost may have taken place: look at the world', async () => {
  const proxy = await startCuttingProxy(database.server, 'commit\0');
  const url = new URL(database.url);
  url.port = String(proxy.port);
  const committing = openPostgres({ url: url.href, applicationName: 'rubicon cut' }).withClient((client) =>
    withTransaction(client, {}, () => client.query(`insert into assistants (id, name, model) values ('cut', '', '')`)),
  );
  await expect(committing).rejects.toMatchObject({ name: 'PostgresError', sqlstate: undefined, reaction: 'probe' });
  proxy.stop();
  await until(async () => (await database.query(`delete from assistants where id = 'cut' returning id`)).length === 1);
});

test('isolation, read only and every limit hold inside, and only there', async () => {
  const options = {
    isolation: 'repeatable read',
    readOnly: true,
    lockTimeoutMs: 50,
    statementTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 1_500.2,
    deadlockTimeoutMs: 20,
  } as const;
  const names = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'deadlock_timeout'];
  const read = `select current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only') || ' ' ||
    array_to_string(array(select current_setting(n) from unnest($1::text[]) n), ' ') as settings`;
  await database.postgres.withClient(async (client) => {
    const inside = await withTransaction(client, options, () => client.query(read, [names]));
    expect(inside.rows).toEqual([{ settings: 'repeatable read on 50ms 2s 1501ms 20ms' }]);
    await expect(client.query(read, [names])).resolves.toMatchObject({
      rows: [{ settings: 'read committed off 0 1min 0 1s' }],
    });
    await expect(withTransaction(client, { readOnly: true }, () => client.query(drop))).rejects.toMatchObject({
      sqlstate: '25006',
    });
  });
});

test('limits that could mean "none" are refused', async () => {
  const starting = database.postgres.withClient((client) =>
    withTransaction(client, { lockTimeoutMs: 0 }, async () => 1),
  );
  await expect(starting).rejects.toThrow('expected milliseconds above 0, found 0');
});

test('a role that may not shorten the deadlock timeout goes on without', async () => {
  const role = `plain_${database.name}`;
  await database.query(`create role ${role} login password 'plain'`);
  const url = new URL(database.url);
  Object.assign(url, { username: role, password: 'plain' });
  const plain = openPostgres({ url: url.href, applicationName: 'rubicon plain' });
  const seen = await plain.withClient((client) =>
    withTransaction(client, { deadlockTimeoutMs: 20 }, () => client.query('show deadlock_timeout')),
  );
  expect(seen.rows).toEqual([{ deadlock_timeout: '1s' }]);
});

describe('an ALTER behind a reader', () => {
  test('gives up after its lock timeout, changes nothing, and the reader is named', async () => {
    await behindAReader(async () => {
      const begun = Date.now();
      await database.postgres.withClient(async (client) => {
        const altering = withTransaction(client, { lockTimeoutMs: 100 }, () => client.query(drop));
        await expect(altering).rejects.toMatchObject({ sqlstate: '55P03', reaction: 'retry' });
        expect(Date.now() - begun).toBeLessThan(1_000);
        const blockers = await findBlockers(client, [sessions]);
        expect(blockers).toMatchObject([
          { application: 'a long report', state: 'idle in transaction', pid: expect.any(Number) },
        ]);
      });
    });
    expect(await columnIsThere()).toBe(true);
  });

  test('lets other readers wait no longer than its lock timeout', async () => {
    await behindAReader(async () => {
      const altering = database.postgres.withClient((client) =>
        withTransaction(client, { lockTimeoutMs: 300 }, () => client.query(drop)),
      );
      await until(async () => (await database.query(`select from pg_locks where not granted`)).length > 0);
      const begun = Date.now();
      await database.query('select count(*) from sessions');
      expect(Date.now() - begun).toBeLessThan(600);
      await expect(altering).rejects.toMatchObject({ sqlstate: '55P03' });
    });
  });

  test('is gone with its client: a killed worker drops nothing later', async () => {
    await behindAReader(async () => {
      const worker = spawn(
        process.execPath,
        ['--import', 'tsx', join(__dirname, '../../support/faults/drop-without-end.ts')],
        {
          env: { ...process.env, DATABASE_URL: database.url, STATEMENT: drop },
          stdio: 'inherit',
        },
      );
      const waiting = async () => (await database.query(`select from pg_locks where not granted`)).length > 0;
      await until(waiting, 20_000);
      worker.kill('SIGKILL');
      await until(async () => !(await waiting()));
    });
    await until(
      async () => (await database.postgres.withClient((c) => findSessions(c, 'rubicon zombie'))).length === 0,
    );
    expect(await columnIsThere()).toBe(true);
  });
});

test('a frozen worker keeps its lock no longer than the idle timeout', async () => {
  const frozen = database.postgres.withClient((client) =>
    withTransaction(client, { idleInTransactionTimeoutMs: 200 }, async () => {
      await client.query(drop);
      await until(async () => {
        const [found] = await database.query(
          `select count(*)::int as locks from pg_locks where mode = 'AccessExclusiveLock' and relation = 'sessions'::regclass`,
        );
        return found?.locks === 0;
      });
      await client.query('select 1');
    }),
  );
  await expect(frozen).rejects.toMatchObject({ sqlstate: '25P03', reaction: 'probe' });
  expect(await columnIsThere()).toBe(true);
});

test('a session that outlived its worker is found by its name and ended, and no other one is', async () => {
  const old = openPostgres({ url: database.url, applicationName: 'rubicon left over' });
  const outliving = old.withClient((client) => client.query('select pg_sleep(60)')).catch((error: unknown) => error);
  await database.postgres.withClient(async (client) => {
    await until(async () => (await findSessions(client, 'rubicon left over')).length === 1);
    const [found] = await findSessions(client, 'rubicon left over');
    await expect(endSession(client, { ...found!, startedAt: '2020-01-01T00:00:00.000000Z' })).resolves.toBe(true); // another session of that pid is gone already
    await expect(findSessions(client, 'rubicon left over')).resolves.toHaveLength(1);
    await expect(endSession(client, found!)).resolves.toBe(true);
    await expect(findSessions(client, 'rubicon left over')).resolves.toEqual([]);
  });
  await expect(outliving).resolves.toMatchObject({ sqlstate: '57P01' });
});
