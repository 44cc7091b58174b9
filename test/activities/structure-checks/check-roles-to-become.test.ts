import { checkRolesToBecome } from '../../../activities/structure-checks/check-roles-to-become';
import { restoreRights } from '../../../activities/rebuild/restore-rights';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { snapshotOf } from '../../../adapters/catalogue/catalogue-snapshot';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// A worker that is no superuser, and rights that somebody else has passed on.
let database: TestDatabase;
let names: { worker: string; owner: string; grantor: string; other: string; friend: string };
const table = { schema: 'public', table: 't' };

beforeAll(async () => {
  database = await createDatabase();
  const named = (name: string) => `${name} of ${database.name}`;
  names = {
    ...{ worker: named('worker'), owner: named('owner'), grantor: named('gr"antor') },
    ...{ other: named('other'), friend: named('friend') },
  };
  const { worker, owner, grantor, other, friend } = quotedNames();
  for (const role of [owner, grantor, other, friend]) await database.query(`create role ${role}`);
  await database.query(`create role ${worker} login password 'planted'; grant ${owner} to ${worker};
    grant create, usage on schema public to ${owner}, ${grantor}, ${other};
    create table t (id int primary key, v text, w text); alter table t owner to ${owner};
    grant select on t to ${grantor} with grant option; grant update (v) on t to ${grantor} with grant option;
    set role ${grantor}; grant select on t to ${friend}; grant update (v) on t to ${friend}; reset role;
    create statistics s on v, w from t; alter statistics s owner to ${other}`);
});

const quotedNames = () =>
  Object.fromEntries(
    Object.entries(names).map(([key, name]) => [key, `"${name.replaceAll('"', '""')}"`]),
  ) as typeof names;
const asWorker = <T>(work: (client: PostgresClient) => Promise<T>): Promise<T> => {
  const url = Object.assign(new URL(database.url), { username: names.worker, password: 'planted' }).href;
  return openPostgres({ url, applicationName: 'roles' }).withClient(work);
};
const find = (column?: string) => asWorker((client) => checkRolesToBecome(client, table, column));

test('an owner and a grantor that the worker may not become are named, each with what to run and what happens without', async () => {
  const { worker, grantor, other } = quotedNames();
  await expect(find()).resolves.toMatchObject([
    {
      ...{ check: `grantor ${grantor} of t`, status: 'failed' },
      found: expect.stringMatching(
        /has granted rights on table public\.t, table column public\.t\.v: a rollback would give them as the owner's$/,
      ),
      remedySql: [`grant ${grantor} to ${worker} with set true`],
    },
    {
      ...{ check: `owner ${other} of t`, status: 'failed' },
      found: 'it may not, and statistics object public.s belongs to it: a rollback could not make that again',
      remedySql: [`grant ${other} to ${worker} with set true`],
    },
  ]);
  await expect(find('v')).resolves.toMatchObject([
    { check: `grantor ${grantor} of t.v`, found: expect.stringMatching(/rights on table column public\.t\.v: /) },
    { check: `owner ${other} of t.v` },
  ]);
  await expect(find('id')).resolves.toEqual([]);
});

test('membership that may not be used for it is not enough; a superuser is nobody to become', async () => {
  const { worker, grantor, other } = quotedNames();
  await database.query(`grant ${other} to ${worker} with set false; alter role ${grantor} superuser`);
  const [bySuperuser, byOther] = await find();
  expect(byOther?.remedySql).toEqual([`grant ${other} to ${worker} with set true`]);
  expect(bySuperuser).toMatchObject({ status: 'not covered', remedy: expect.stringMatching(/must not become/) });
  expect(bySuperuser?.remedySql).toBeUndefined();
  await database.query(`alter role ${grantor} nosuperuser; alter role ${other} superuser`);
  const [, owning] = await find();
  expect(owning).toMatchObject({
    ...{ check: `owner ${other} of t`, status: 'failed' },
    remedySql: [`alter statistics public.s owner to ${quotedNames().owner}`],
  });
  await database.query(`begin; ${owning?.remedySql?.join('; ')}; commit`);
  await expect(find()).resolves.toMatchObject([{ check: `grantor ${grantor} of t` }]);
  await database.query(`alter role ${other} nosuperuser; alter statistics s owner to ${other}`);
});

test('once its remedy was run nothing is left to say, and rights come back with the grantors that they had', async () => {
  const { friend } = quotedNames();
  const before = await asWorker((client) => snapshotOf(client, [table]));
  for (const { remedySql = [] } of await find()) for (const sql of remedySql) await database.query(sql);
  await expect(find()).resolves.toEqual([]);
  await database.query(
    `revoke select on t from ${quotedNames().grantor} cascade; revoke update (v) on t from ${quotedNames().grantor} cascade`,
  );
  await asWorker(async (client) => {
    await client.query('begin');
    await restoreRights(client, { before, now: await snapshotOf(client, [table]) }, names.owner);
    await client.query('commit');
  });
  await expect(asWorker((client) => snapshotOf(client, [table]))).resolves.toEqual(before);
  const [right] = await database.query(
    `select pg_get_userbyid(grantor) as by from pg_class, aclexplode(relacl) where relname = 't' and pg_get_userbyid(grantee) = ${friend.replaceAll('"', "'")}`,
  );
  expect(right).toEqual({ by: names.grantor });
});
