import { createDrop } from '../../../activities/removal/drop';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import { createUnhide } from '../../../activities/removal/unhide';
import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import { withAdvisoryLock } from '../../../adapters/server/sessions';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { startCuttingProxy } from '../../support/proxies/cutting-proxy';
import { captureColumns, readState } from '../../support/looks/database-state';
import { decide, withoutVotes, type Decided } from '../../support/stages/decided';
import {
  dropNow,
  prepareDropUnrestored,
  takeOutOfUse,
  type Prepared,
  type ReadyToDrop,
} from '../../support/stages/ready-to-drop';
import { electorate, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import { until } from '../../support/looks/until';

let first: SampleEnvironment;
let prepared: Prepared;
let impatient: Prepared;
beforeAll(async () => {
  first = await openSampleEnvironment();
  prepared = await prepareDropUnrestored(first, { lockTimeout: '300 ms', lockGivesUp: '30 s' });
  impatient = await prepareDropUnrestored(first, { lockTimeout: '100 ms', lockGivesUp: '300 ms' });
});
afterAll(() => first.close());

let stage: SampleEnvironment;
let ready: ReadyToDrop;
let decided: Decided;
let other: Postgres;
beforeEach(async () => {
  stage = await openSampleEnvironment('production', first);
  other = openPostgres({ url: stage.database.url, applicationName: 'a long report' });
  decided = await decide(stage.environment, prepared, { name: 'production' });
  ready = await takeOutOfUse(stage, prepared, decided);
});
afterEach(async () => {
  await other.close();
  await stage.close();
});

const deps: RolloutDeps = { environment: () => stage.environment, electorate };
const drop = createDrop(deps);
const ourName = 'rubicon ddl agent-api production drop';

/** Exactly once: columns gone, revision and state row moved, one challenge used. */
async function expectDropped(): Promise<void> {
  await expect(captureColumns(stage.database)).resolves.toEqual([undefined, undefined]);
  await expect(stage.database.query('select version_num from alembic_version')).resolves.toEqual([
    { version_num: '20260208_000007' },
  ]);
  await expect(stage.database.query('select state, requesters from rubicon.rollout')).resolves.toEqual([
    { state: 'dropped', requesters: ['maria'] },
  ]);
  await expect(stage.database.query('select challenge from rubicon.challenge')).resolves.toEqual([
    { challenge: decided.gate.challenge },
  ]);
}

/** Holds a reader's lock on `sessions` until `release`. */
async function startReader(): Promise<{ release(): Promise<void>; pid: number }> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let pid = 0;
  const reading = other.withClient((client) =>
    withTransaction(client, {}, async () => {
      await client.query('select count(*) from sessions');
      pid = client.announcedPid;
      await released;
    }),
  );
  await until(() => pid > 0);
  return { pid, release: () => (release(), reading) };
}

const ourSessions = () =>
  stage.database.query<{ pid: number }>(
    `select pid from pg_stat_activity where starts_with(application_name, $1) and wait_event_type = 'Lock'`,
    [ourName],
  );

test('columns, revision, state row and challenge change in one transaction, and nothing else', async () => {
  const before = await readState(stage.database);
  const receipt = await drop(ready);
  expect(receipt).toMatchObject({ attempts: 1, statements: expect.arrayContaining([expect.stringMatching(/^alter/)]) });
  await expectDropped();
  const after = await readState(stage.database);
  const changed = (state: typeof before) =>
    state.rows.filter(({ rowsHash }) => !before.rows.some((row) => row.rowsHash === rowsHash));
  expect(changed(after).map(({ table }) => table)).toEqual(
    expect.arrayContaining(['alembic_version', 'sessions', 'assistants', 'rollout', 'challenge']),
  );
  const usage = ({ rows }: typeof before) => rows.find(({ table }) => table === 'usage_events');
  expect(usage(after)).toEqual(usage(before));
  const structure = ({ structure }: typeof before) =>
    structure.map(({ columns, indexes, triggers, ...rest }) => ({
      ...rest,
      columns: columns.filter(({ name }) => name !== 'rubicon_hidden_owner_api_key'),
      indexes: indexes.filter(({ name }) => !name.endsWith('_owner_api_key')),
      triggers: triggers.filter(({ name }) => !name.startsWith('rubicon_freeze_')),
    }));
  expect(structure(after)).toEqual(structure(before));
});

test('a second run changes nothing and says the same, even without votes and backup', async () => {
  const first = await drop(ready);
  const before = await readState(stage.database);
  const again = await drop({ ...withoutVotes(ready), backup: 'gone', copy: 'gone' });
  const { rows, ...said } = first; // what went was counted when it was there
  expect(rows).toEqual({ copied: 719, dropped: 719 });
  expect(again).toEqual({ ...said, attempts: 1, heldMs: 0 });
  await expect(readState(stage.database)).resolves.toEqual(before);
});

test('of two at once one drops and the other finds it done', async () => {
  const receipts = await Promise.all([drop(ready), drop(ready)]);
  expect(receipts[0].droppedAt).toBe(receipts[1].droppedAt);
  await expectDropped();
});

test('behind a long reader it tries again and again, and wins when that ends', async () => {
  const reader = await startReader();
  const dropping = drop(ready);
  await until(async () => (await ourSessions()).length > 0);
  await until(async () => (await ourSessions()).length === 0); // gave way
  const waits = await stage.database.query(
    `select from pg_locks l join pg_class c on c.oid = l.relation where not l.granted and c.relname = 'sessions'`,
  );
  expect(waits).toEqual([]);
  await reader.release();
  await expect(dropping).resolves.toMatchObject({ attempts: expect.any(Number) });
  expect((await dropping).attempts).toBeGreaterThan(1);
  await expectDropped();
});

test('behind a reader that does not end it gives up, names who is in the way, and has changed nothing', async () => {
  await createUnhide(deps)(prepared);
  const hurried = await takeOutOfUse(stage, impatient);
  const before = await readState(stage.database);
  const reader = await startReader();
  await expect(drop(hurried)).rejects.toMatchObject({
    type: 'LockNotAcquired',
    message: expect.stringMatching(
      new RegExp(
        `^could not acquire the lock within the plan's time in \\d+ tries; nothing was changed: .* \\(SQLSTATE 55P03\\); ` +
          `in the way: pid ${reader.pid} of postgres \\(a long report, idle in transaction, for .*\\); end the blocking session`,
      ),
    ),
  });
  await reader.release();
  await expect(readState(stage.database)).resolves.toEqual(before);
});

test('its backend is killed while it waits for the lock: it looks, tries again, and drops once', async () => {
  const reader = await startReader();
  const dropping = drop(ready);
  await until(async () => {
    const [session] = await ourSessions();
    if (session !== undefined) await stage.database.query('select pg_terminate_backend($1)', [session.pid]);
    return session !== undefined;
  });
  await reader.release();
  await expect(dropping).resolves.toMatchObject({ heldMs: expect.any(Number) });
  expect((await dropping).attempts).toBeGreaterThan(1);
  await expectDropped();
});

test('the answer to its COMMIT is lost: it finds the drop done', async () => {
  const { port, host } = stage.database.server;
  const proxy = await startCuttingProxy({ host, port }, 'commit\0');
  const url = new URL(stage.database.url);
  url.port = String(proxy.port);
  let opened = 0;
  // The second session is cut; the first one fails on its lock.
  const cut = createDrop({
    ...deps,
    environment: () => ({
      ...stage.environment,
      get postgresUrl() {
        opened += 1;
        return opened === 2 ? url.href : stage.database.url;
      },
    }),
  });
  const reader = await startReader();
  const dropping = cut(ready);
  await until(() => opened === 2);
  await reader.release();
  await expect(dropping).resolves.toMatchObject({ attempts: 3, heldMs: 0 }); // 0: it was found done
  proxy.stop();
  await expectDropped();
});

test('what a dead worker left behind in the server is ended first', async () => {
  const zombie = openPostgres({ url: stage.database.url, applicationName: `${ourName} 1 2026-11` });
  let stuck = false;
  const ended = zombie
    .withClient((client) =>
      withAdvisoryLock(client, 'rubicon ddl agent-api', () =>
        withTransaction(client, {}, async () => {
          await client.query('lock table sessions in access exclusive mode');
          stuck = true;
          await client.query('select pg_sleep(60)');
        }),
      ),
    )
    .catch((error: unknown) => error);
  await until(() => stuck);
  await expect(drop(ready)).resolves.toMatchObject({ attempts: 1 });
  await expect(ended).resolves.toMatchObject({ sqlstate: '57P01' });
  await expectDropped();
});

test('staging decides by itself, and only a worker of staging may', async () => {
  const staging = await openSampleEnvironment('staging');
  const there = await prepareDropUnrestored(staging);
  await expect(dropNow(staging, there)).resolves.toMatchObject({ attempts: 1 });
  await expect(staging.database.query('select state, policy_digest from rubicon.rollout')).resolves.toEqual([
    { state: 'dropped', policy_digest: 'staging' },
  ]);
  await staging.close();

  const asStaging = { ...stage.environment, name: 'staging' as const };
  const before = await readState(stage.database);
  await expect(createDrop({ environment: () => asStaging })(ready)).rejects.toMatchObject({
    type: 'BackupNotProven',
  });
  await expect(readState(stage.database)).resolves.toEqual(before);
});
