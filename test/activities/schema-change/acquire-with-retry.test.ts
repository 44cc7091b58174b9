import { acquireWithRetry, ddlLimits, ddlOrder } from '../../../activities/schema-change/acquire-with-retry';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// How long, how often and for what a lock is tried; nothing of it is left behind.

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query('create table kept (id int primary key)');
});
afterAll(() => database.drop());

const never = new AbortController().signal;
const limits = ddlLimits({ durations: { lockTimeout: '50 ms' } });
const orderOf = (lockGivesUp: string, more: { signal?: AbortSignal; oneSession?: boolean } = {}) =>
  ddlOrder({ durations: { lockGivesUp } }, { what: 'the drop', signal: never, ...more });

const session = <T>(work: (client: PostgresClient) => Promise<T>): Promise<T> =>
  openPostgres({ url: database.url, applicationName: 'test' }).withClient(work);

const addColumn = (name: string): Promise<number> =>
  session((client) =>
    withTransaction(client, limits, async () => (await client.query(`alter table kept add ${name} int`)).rowCount),
  );

/** Holds a reader's lock until the returned function is called. */
async function holdLock(): Promise<() => Promise<void>> {
  let release = (): void => undefined;
  let isHeld = (): void => undefined;
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  const reader = session((client) =>
    withTransaction(client, {}, async () => {
      await client.query('select from kept');
      isHeld();
      await new Promise<void>((resolve) => (release = resolve));
    }),
  );
  await held;
  return async () => {
    release();
    await reader;
  };
}

test('a lock is tried again until whoever holds it lets go', async () => {
  const letGo = await holdLock();
  const tries: number[] = [];
  await acquireWithRetry(orderOf('1 minute'), async (attempt) => {
    tries.push(attempt);
    if (attempt === 3) await letGo();
    await addColumn('won');
  });
  expect(tries).toEqual([1, 2, 3]);
  expect(await database.query('select won from kept')).toEqual([]);
});

test('it gives up after the time of the plan, says how often it tried, and nothing was changed', async () => {
  const letGo = await holdLock();
  try {
    await expect(acquireWithRetry(orderOf('1 s'), () => addColumn('lost'))).rejects.toMatchObject({
      type: 'LockNotAcquired',
      message: expect.stringMatching(
        /^could not acquire the lock within the plan's time in [2-9] tries; nothing was changed: .* answer "retry"$/,
      ) as string,
    });
  } finally {
    await letGo();
  }
  await expect(database.query('select lost from kept')).rejects.toThrow(/column "lost" does not exist/);
});

test('what no further try can mend ends it at the first one', async () => {
  let tries = 0;
  const attempt = (): Promise<number> => ((tries += 1), addColumn('id'));
  await expect(acquireWithRetry(orderOf('1 minute'), attempt)).rejects.toMatchObject({
    type: 'RefusedByServer',
    message: expect.stringMatching(/^the drop was refused, nothing was changed: /) as string,
  });
  expect(tries).toBe(1);
});

describe('a connection that is lost in an attempt', () => {
  const loseConnection = (client: PostgresClient): Promise<unknown> =>
    client.query('select pg_terminate_backend(pg_backend_pid())');

  test('is no reason to give up where each attempt has a session of its own', async () => {
    const tries = await acquireWithRetry(orderOf('1 minute'), (attempt) =>
      session(async (client) => {
        if (attempt === 1) await loseConnection(client);
        return attempt;
      }),
    );
    expect(tries).toBe(2);
  });

  test('ends it where all attempts share one, and leaves open what has happened', async () => {
    await expect(
      session((client) => acquireWithRetry(orderOf('1 minute', { oneSession: true }), () => loseConnection(client))),
    ).rejects.toThrow(/^the drop: expected an answer, found that the connection was lost: .* answer "retry"/);
  });
});

test('an abort ends it between two tries', async () => {
  const letGo = await holdLock();
  try {
    const abort = new AbortController();
    const trying = acquireWithRetry(orderOf('1 minute', { signal: abort.signal }), (attempt) => {
      if (attempt === 2) abort.abort(new Error('the activity was cancelled'));
      return addColumn('aborted');
    });
    await expect(trying).rejects.toThrow(/cancelled|abort/i);
  } finally {
    await letGo();
  }
});
