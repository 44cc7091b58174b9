import { openPostgres } from '../../../adapters/postgres/postgres';
import { findPooler, readIdentity } from '../../../adapters/server/identity';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';
import { startTransactionPooler } from '../../support/servers/transaction-pooler';

let staging: TestDatabase;
let production: TestDatabase;
beforeAll(async () => {
  [staging, production] = await Promise.all([createDatabase(), createDatabase({ on: 'production' })]);
});
afterAll(() => Promise.all([staging.drop(), production.drop()]));

const open = (url: string) => openPostgres({ url, applicationName: 'rubicon identity' });
const identityOf = (url: string) => open(url).withClient(readIdentity);

test('a database says which it is', async () => {
  await expect(identityOf(staging.url)).resolves.toEqual({
    systemIdentifier: expect.stringMatching(/^\d{19}$/),
    timeline: 1,
    databaseOid: expect.any(Number),
    databaseName: staging.name,
    versionNumber: expect.any(Number),
    version: expect.stringMatching(/^\d+\.\d+/),
    primary: true,
    user: 'postgres',
    superuser: true,
    clockAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    clockAheadMs: expect.any(Number),
  });
});

test('two servers have different identifiers, and one has the same each time', async () => {
  const [first, second, again] = await Promise.all([staging.url, production.url, staging.url].map(identityOf));
  expect(first?.systemIdentifier).not.toBe(second?.systemIdentifier);
  expect(first?.systemIdentifier).toBe(again?.systemIdentifier);
});

test('the clock of this machine is ahead of itself by nothing to speak of', async () => {
  expect(Math.abs((await identityOf(staging.url)).clockAheadMs)).toBeLessThan(500);
});

test('what the role may not know is null, not a guess', async () => {
  const role = `guest_${staging.name}`;
  await staging.query(`create role ${role} login password 'guest'`);
  for (const name of ['pg_control_system()', 'pg_walfile_name(pg_lsn)']) {
    await staging.query(`revoke execute on function ${name} from public`);
  }
  const url = new URL(staging.url);
  Object.assign(url, { username: role, password: 'guest' });
  await expect(identityOf(url.href)).resolves.toMatchObject({
    systemIdentifier: null,
    timeline: null,
    superuser: false,
    user: role,
  });
});

test('a direct connection has no pooler', async () => {
  await expect(findPooler(open(staging.url))).resolves.toBe('none');
});

test('a transaction pooler is recognised', async () => {
  const pooler = await startTransactionPooler(staging.server);
  const url = new URL(staging.url);
  url.port = String(pooler.port);
  try {
    await expect(findPooler(open(url.href))).resolves.toBe('transaction');
  } finally {
    pooler.stop();
  }
});
