import { openPostgres } from '../../../adapters/postgres/postgres';
import { runStatements } from '../../../adapters/postgres/statements';
import { removalsOf } from '../../../contract/plan/removals';
import { installStatements } from '../../../sql/install';
import { replacedOf } from '../../../sql/saved-values/kept-by';
import {
  createNewKeyTable,
  deriveHashes,
  recordRenewal,
  renewOwner,
  selectOpenOwners,
} from '../../../sql/saved-values/new-keys';
import { loadGrammar } from '../../../sql/statements/grammar';
import { createDatabase } from '../../support/servers/servers';

beforeAll(loadGrammar);

test('a new key also where what stands for the old one is too long for an ordinary index, and only for its own rows', async () => {
  const database = await createDatabase({ on: 'extended' });
  const long = `(select string_agg(md5(g::text), '') from generate_series(1, 300) g)`;
  for (const sql of [
    ...installStatements({ environment: 'staging', target: 't' }).map(({ sql: text }) => text),
    ...installStatements({ environment: 'staging', target: 't' }).map(({ sql: text }) => text), // safe to run again
    `create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    'create table texts (id int primary key, body text, copied text collate ci)',
    `insert into texts values (1, null, ${long}), (2, null, ${long}), (3, null, upper(${long}))`,
  ])
    await database.query(sql);
  const removals = replacedOf(removalsOf({ removes: [{ column: 'texts.body', replacedBy: 'copied' }] }));
  const postgres = openPostgres({ url: database.url, applicationName: 'rubicon new keys' });
  await postgres.withClient(async (client) => {
    await runStatements(client, [createNewKeyTable]);
    await client.query(`insert into rubicon_new_keys (old_hash, key) values (${long}, 'new key')`);
    await runStatements(client, deriveHashes('replacement = removed'));
    const open = (await client.query<{ hash: string }>(selectOpenOwners(removals))).rows;
    expect(open.map(({ hash }) => hash.length)).toEqual([9600]);
    for (const removal of removals) await client.query(renewOwner(removal).sql, [open[0]?.hash]);
    for (const _ of [1, 2]) await client.query(recordRenewal, [open[0]?.hash, 'w', 'r']);
    await expect(client.query(selectOpenOwners(removals))).resolves.toMatchObject({ rows: [] });
  });
  await expect(database.query('select id, body from texts where copied = $$new key$$ order by id')).resolves.toEqual([
    { id: 1, body: 'new key' },
    { id: 2, body: 'new key' },
  ]);
  await expect(database.query('select length(old_hash) as long, new_hash from rubicon.new_hash')).resolves.toEqual([
    { long: 9600, new_hash: 'new key' },
  ]);
  await postgres.close();
  await database.drop();
});
