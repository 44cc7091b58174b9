import { pipeline } from 'node:stream/promises';
import { countBy } from '../../activities/state/count-rows';
import { removalsOf } from '../../contract/plan/removals';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { walkPages } from '../../adapters/rows/pages';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import * as filling from '../../sql/fill';
import { holdsFor } from '../../sql/saved-values/holds-for';
import { replacedOf } from '../../sql/saved-values/kept-by';
import * as knownKeys from '../../sql/saved-values/known-keys';
import { isPlaceholder, placeholderLength } from '../../sql/saved-values/placeholder';
import { proofSql } from '../../sql/saved-values/proof';
import * as placeholder from '../../sql/saved-values/placeholder-statements';
import { loadGrammar } from '../../sql/statements/grammar';
import { openSampleDatabase, proofOf, samplePlan, type SampleDatabase } from '../support/stages/sample-database';

const fill = { ...filling, ...knownKeys, ...placeholder };
const removals = replacedOf(removalsOf(samplePlan));
const text = 'character varying';
const [ofAssistants, ofSessions] = removals;
if (ofAssistants === undefined || ofSessions === undefined) throw new Error('expected two removals');

beforeAll(loadGrammar);

test('the statements of the first plan read like this', () => {
  const [hash, key] = [`owner_api_key_hash::text collate "C"`, `owner_api_key::text collate "C"`];
  expect([
    fill.selectKeys(samplePlan, []),
    ...fill.refuseUnproven('rubicon_keys', samplePlan).map(({ sql }) => sql),
  ]).toEqual([
    `copy (select distinct ${hash}, ${key} from public.assistants where ${holdsFor(ofAssistants, samplePlan.proof)}` +
      ` union select distinct ${hash}, ${key} from public.sessions where ${holdsFor(ofSessions, samplePlan.proof)}) to stdout`,
    `delete from rubicon_keys where ${proofOf('hash', 'key')} is not true`,
  ]);
  expect([fill.fillRange(ofSessions, text).sql, fill.placeholderRange(ofSessions).sql]).toEqual([
    'update only public.sessions as t set owner_api_key = k.key from rubicon_keys as k ' +
      'where t.ctid >= $1::tid and t.ctid < $2::tid ' +
      `and (t.owner_api_key is not distinct from null or ${isPlaceholder('t.owner_api_key')}) and t.owner_api_key_hash::text collate "C" = k.hash`,
    "update only public.sessions as t set owner_api_key = '!rubicon:no-key:' || gen_random_uuid() " +
      'where t.ctid >= $1::tid and t.ctid < $2::tid and t.owner_api_key is not distinct from null and t.owner_api_key_hash is distinct from null',
  ]);
});

test.each([
  ['character varying(255)', true],
  ['character varying(52)', true],
  ['character varying(51)', false],
  ['character varying', true],
  ['text', true],
  ['uuid', false],
])('the placeholder in %s: fits %s', (type, fits) => {
  expect(placeholderLength).toBe(52);
  expect(fill.placeholderFits(type)).toBe(fits);
});

describe('on real databases', () => {
  let backup: SampleDatabase;
  let target: SampleDatabase;
  beforeAll(async () => {
    [backup, target] = await Promise.all([openSampleDatabase('rubicon backup'), openSampleDatabase('rubicon fill')]);
  });
  afterAll(() => Promise.all([backup.close(), target.close()]));
  beforeEach(() => Promise.all([backup, target].map((each) => each.query('truncate sessions, assistants'))));

  const hashOf = (key: string) => `encode(sha256(convert_to(${key}, 'UTF8')), 'hex')`;
  const seedBackup = () =>
    backup.query(`insert into sessions (title, owner_api_key, owner_api_key_hash)
        select 's', 'key ' || n % 50, ${hashOf(`'key ' || n % 50`)} from generate_series(1, 1000) n;
      insert into assistants (id, name, model, owner_api_key, owner_api_key_hash)
        select n, 'a', 'm', E'k\\\\\\t' || n, ${hashOf(`E'k\\\\\\t' || n`)} from generate_series(1, 20) n;
      insert into sessions (title, owner_api_key, owner_api_key_hash) values ('not proven', 'forged', ${hashOf(`'key 1'`)})`);
  /** The same rows without their keys, rows with a hash that no backup knows, and public ones. */
  const seedTarget = () =>
    target.query(`insert into sessions (title, owner_api_key_hash)
        select 's', ${hashOf(`'key ' || n % 50`)} from generate_series(1, 12000) n;
      insert into assistants (id, name, model, owner_api_key_hash)
        select n, 'a', 'm', ${hashOf(`E'k\\\\\\t' || n`)} from generate_series(1, 20) n;
      insert into sessions (title, owner_api_key_hash) select 'new', ${hashOf(`'unknown ' || n % 3`)} from generate_series(1, 7) n;
      insert into sessions (title) select 'public' from generate_series(1, 5) n; analyze sessions`);

  /** Hash and key of the backup into the session's table. */
  const load = (client: PostgresClient) =>
    backup.postgres.withClient(async (source) => {
      await runStatements(client, [fill.createSavedValueTable]);
      await pipeline(source.copyTo(fill.selectKeys(samplePlan, [])), client.copyFrom(fill.loadKeys));
      await runStatements(client, fill.refuseUnproven('rubicon_keys', samplePlan));
    });

  const fillAll = async (client: PostgresClient) => {
    const changed = { filled: 0, placeholders: 0, largest: 0 };
    for (const removal of removals) {
      await walkPages(client, { table: removal, rows: fill.fillBatchRows }, async ({ relation, from, to }) => {
        await withTransaction(client, { lockTimeoutMs: 1_000 }, async () => {
          await runStatements(client, [fill.skipTriggers]);
          const filled = await client.query(fill.fillRange(removal, text, { relation }).sql, [from, to]);
          const placeholders = await client.query(fill.placeholderRange(removal, relation).sql, [from, to]);
          changed.filled += filled.rowCount;
          changed.placeholders += placeholders.rowCount;
          changed.largest = Math.max(changed.largest, filled.rowCount + placeholders.rowCount);
        });
      });
    }
    return changed;
  };

  const classesOf = (client: PostgresClient, removal: typeof ofSessions) => {
    const columns = { removed: removal.column, replacement: removal.replacedBy };
    return countBy({ client }, removal, proofSql(samplePlan.proof, columns));
  };

  test('every row whose hash is known gets its key back, in batches, and all others are closed', async () => {
    await Promise.all([seedBackup(), seedTarget()]);
    await target.postgres.withClient(async (client) => {
      await load(client);
      const { rows } = await client.query(fill.forecastFill(removals.map((removal) => ({ ...removal, type: text }))));
      expect(rows).toEqual([{ restorableRows: 12_020, restorableValues: 70, lostRows: 7, lostValues: 3 }]);

      const changed = await fillAll(client);
      expect(changed).toMatchObject({ filled: 12_020, placeholders: 7 });
      expect(changed.largest).toBeLessThanOrEqual(fill.fillBatchRows * 1.1);
      const proven = await classesOf(client, ofSessions);
      const none = { mismatch: 0, valueWithoutReplacement: 0 };
      expect(proven).toMatchObject({ match: 12_000, ...none, replacementWithoutValue: 7, placeholders: 7, public: 5 });
      await expect(client.query(fill.countPlaceholders(ofSessions))).resolves.toMatchObject({ rows: [{ count: 7 }] });
      const plain = await classesOf(client, ofAssistants);
      expect(plain).toMatchObject({ match: 20, mismatch: 0 });

      await expect(fillAll(client)).resolves.toMatchObject({ filled: 0, placeholders: 0 }); // again: nothing changes
    });
  });

  test('the shares of a page are all of its rows, and most of them stay in it', async () => {
    await Promise.all([seedBackup(), seedTarget()]);
    const pageOf = `(ctid::text::point)[0]::int`;
    const before = await target.query<{ id: string; page: number }>(`select id, ${pageOf} as page from sessions`);
    let filled = 0;
    await target.postgres.withClient(async (client) => {
      await load(client);
      for (let share = 0; share < fill.fillShares; share += 1) {
        const { sql } = fill.fillRange(ofSessions, text, { share });
        filled += (await client.query(sql, ['(0,0)', '(4294967294,0)'])).rowCount;
      }
    });
    expect(filled).toBe(12_000); // all that are known
    const pages = new Map(before.map(({ id, page }) => [id, page]));
    const after = await target.query<{ id: string; page: number }>(`select id, ${pageOf} as page from sessions`);
    const stayed = after.filter(({ id, page }) => pages.get(id) === page);
    expect(stayed.length).toBeGreaterThan(after.length / 2);
  });

  test('a placeholder is another one in each row, and the key of no hash', async () => {
    await seedTarget();
    await target.postgres.withClient(async (client) => {
      await runStatements(client, [fill.createSavedValueTable]);
      await fillAll(client);
    });
    const [found] = await target.query(
      `select count(*)::int as rows, count(distinct owner_api_key)::int as placeholders,
              count(*) filter (where ${hashOf('owner_api_key')} = owner_api_key_hash)::int as matching,
              max(length(owner_api_key)) as length
         from sessions where owner_api_key is not null`,
    );
    expect(found).toEqual({ rows: 12_007, placeholders: 12_007, matching: 0, length: placeholderLength });
  });

  test('rows that are written meanwhile get theirs, too', async () => {
    await Promise.all([seedBackup(), seedTarget()]);
    await target.postgres.withClient(async (client) => {
      await load(client);
      await target.query(`insert into sessions (title, owner_api_key_hash) values ('meanwhile', ${hashOf(`'key 1'`)})`);
      await fillAll(client);
    });
    await expect(target.query(`select owner_api_key from sessions where title = 'meanwhile'`)).resolves.toEqual([
      { owner_api_key: 'key 1' },
    ]);
  });

  test('the fill is no change that triggers or timestamps see', async () => {
    await Promise.all([seedBackup(), seedTarget()]);
    await target.query(`create function touch() returns trigger language plpgsql as 'begin new.updated_at = null; return new; end';
      create trigger touched before update on sessions for each row execute function touch()`);
    await target.postgres.withClient(async (client) => {
      await load(client);
      await expect(fillAll(client)).resolves.toMatchObject({ placeholders: 7 });
    });
    await target.query('drop trigger touched on sessions; drop function touch()');
  });

  test('a pair that is not proven stops before any row is filled', async () => {
    const loading = target.postgres.withClient(async (client) => {
      await runStatements(client, [fill.createSavedValueTable]);
      await client.query(`insert into rubicon_keys values (${hashOf(`'a'`)}, 'planted')`);
      await runStatements(client, fill.refuseUnproven('rubicon_keys', samplePlan));
    });
    await expect(loading).rejects.toThrow(/^expected 0 changed rows, found 1: delete from rubicon_keys/);
    await expect(loading).rejects.not.toThrow('planted');
  });

  test('two keys of one hash are refused, without a word of either', async () => {
    const loading = target.postgres.withClient(async (client) => {
      await runStatements(client, [fill.createSavedValueTable]);
      await client.query(`insert into rubicon_keys values ('hash', 'planted 1'), ('hash', 'planted 2')`);
    });
    await expect(loading).rejects.toMatchObject({ sqlstate: '23P01' });
    await expect(loading).rejects.not.toThrow('planted');
  });
});
