import { createHash } from 'node:crypto';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { countClasses, type ClassesProgress } from '../../../adapters/rows/classes';
import { withSnapshotSessions, type SnapshotSessions } from '../../../adapters/postgres/snapshot-sessions';
import { startRecordingProxy } from '../../support/proxies/recording-proxy';
import {
  assistants,
  openSampleDatabase,
  sampleProof,
  sessions,
  type SampleDatabase,
} from '../../support/stages/sample-database';

let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon classes');
  await database.query('alter table sessions set (autovacuum_enabled = false)'); // it finds room for a row in the first page
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate sessions, assistants'));

const columns = { removed: 'owner_api_key', replacement: 'owner_api_key_hash', proof: sampleProof };
const count = (table: { schema: string; table: string }, options: Parameters<typeof countClasses>[2] = {}) =>
  withSnapshotSessions(database.postgres, { tables: [table] }, (two) =>
    countClasses(two, { ...table, ...columns }, options),
  );

const none = { match: 0, mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 0 };
const hashOf = (key: string) => `encode(sha256(convert_to(${key}, 'UTF8')), 'hex')`;

/** `rowCount` rows that are in order; about 20 a page. */
const fill = (rowCount: number) =>
  database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash, metadata)
     select 't', 'key ' || n, ${hashOf(`'key ' || n`)}, to_jsonb(repeat('x', 200)) from generate_series(1, $1::int) n`,
    [rowCount],
  );

test('an empty table has no rows of any class', async () => {
  await expect(count(sessions)).resolves.toEqual(none);
  await expect(count(assistants)).resolves.toEqual(none);
});

describe.each(['first', 'last'])('one fault in the %s page', (place) => {
  test.each([
    ['mismatch', 'the hash of another key', `'k'`, hashOf(`'another key'`)],
    ['mismatch', 'a hash in capitals', `'k'`, `upper(${hashOf(`'k'`)})`],
    ['valueWithoutReplacement', 'no hash', `'k'`, 'null'],
    ['replacementWithoutValue', 'no key', 'null', hashOf(`'k'`)],
    ['public', 'neither', 'null', 'null'],
  ])('is counted as %s: %s', async (fault, _, key, hash) => {
    const plant = () =>
      database.query(
        `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('fault', ${key}, ${hash})
         returning split_part(trim('(' from ctid::text), ',', 1)::int as page`,
      );
    if (place === 'last') await fill(2_000);
    const [planted] = await plant();
    if (place === 'first') await fill(2_000);
    expect(planted?.page).toBe(place === 'first' ? 0 : await lastPage());

    await expect(count(sessions, { pagesPerRange: 7 })).resolves.toEqual({ ...none, match: 2_000, [fault]: 1 });
  });
});

async function lastPage(): Promise<number> {
  const [row] = await database.query(`select pg_relation_size('sessions')::int / 8192 - 1 as page`);
  return row?.page as number;
}

test('keys of any form match their hash', async () => {
  const odd = [`a\\b`, `a\\134b`, `with ' and "`, ' blanks ', 'ключ', '鍵🔑', 'é', 'e\u0301', '\\x00', 'a\tb', ''];
  for (const [row, key] of odd.entries()) {
    await database.query(
      `insert into assistants (id, name, model, owner_api_key, owner_api_key_hash) values ($1, '', '', $2::text, ${hashOf('$2::text')})`,
      [String(row), key],
    );
  }
  await expect(count(assistants)).resolves.toMatchObject({ match: odd.length, mismatch: 0 });
});

test('composed and decomposed letters are different keys', async () => {
  await database.query(
    `insert into assistants (id, name, model, owner_api_key, owner_api_key_hash) values ('a', '', '', $1, ${hashOf('$2')})`,
    ['\u00e9', 'e\u0301'],
  );
  await expect(count(assistants)).resolves.toMatchObject({ match: 0, mismatch: 1 });
});

describe('a count that was cut off', () => {
  /** What a heartbeat keeps of it. */
  async function cutOffAfter(rowCount: number): Promise<ClassesProgress> {
    let kept: ClassesProgress | undefined;
    const onRange = (progress: ClassesProgress) => {
      kept = JSON.parse(JSON.stringify(progress)) as ClassesProgress;
      if (progress.counts.match >= rowCount) throw new Error('killed');
    };
    await expect(count(sessions, { pagesPerRange: 10, onRange })).rejects.toThrow('killed');
    if (kept === undefined) throw new Error('expected progress after a range');
    return kept;
  }
  const goOn = (resumeFrom: ClassesProgress) => count(sessions, { pagesPerRange: 10, resumeFrom });

  test('goes on where it was, and counts nothing twice', async () => {
    await fill(2_000);
    const kept = await cutOffAfter(500);
    expect(kept.counts.match).toBeLessThan(2_000);
    await expect(goOn(kept)).resolves.toEqual({ ...none, match: 2_000 });
    const other = { ...kept, counts: { ...none, match: kept.counts.match + 7 } }; // it does not start again
    await expect(goOn(other)).resolves.toEqual({ ...none, match: 2_007 });
  });

  test('counts the pages that the table got since', async () => {
    await fill(200);
    const kept = await cutOffAfter(200);
    await fill(200);
    expect((await goOn(kept)).match).toBeGreaterThan(350); // some went into a page that was read
  });

  test.each(['vacuum full sessions', 'cluster sessions using sessions_pkey'])(
    'starts again after `%s`',
    async (rewrite) => {
      await fill(2_000);
      await database.query(`delete from sessions where substr(owner_api_key, 5)::int % 2 = 0`);
      const kept = await cutOffAfter(500);
      await database.query(rewrite); // what was not counted yet lies on pages that were
      await expect(goOn(kept)).resolves.toEqual({ ...none, match: 1_000 });
    },
  );
});

describe('while it is counted', () => {
  const inSnapshot = <T>(work: (two: SnapshotSessions) => Promise<T>) =>
    withSnapshotSessions(database.postgres, { tables: [sessions] }, work);
  const query = { ...sessions, ...columns };

  test('rows that move, and new ones, change nothing: both sessions see one state', async () => {
    await fill(2_000);
    await database.query(`insert into sessions (title, owner_api_key) values ('fault', 'k')`);
    const found = await inSnapshot(async (two) => {
      await database.query(`update sessions set title = title || '!'`);
      await database.query(`insert into sessions (title, owner_api_key) values ('new', 'k')`);
      return countClasses(two, query, { pagesPerRange: 5 });
    });
    expect(found).toEqual({ ...none, match: 2_000, valueWithoutReplacement: 1 });
    await expect(count(sessions)).resolves.toEqual({ ...none, match: 2_000, valueWithoutReplacement: 2 });
  });

  test('nobody alters or rewrites the table', async () => {
    const attempts = ['truncate sessions', 'alter table sessions alter column title type text'];
    const outcomes = await inSnapshot(() =>
      Promise.allSettled(attempts.map((sql) => database.query(`set local lock_timeout = '50ms'; ${sql}`))),
    );
    expect(outcomes).toMatchObject([{ reason: { code: '55P03' } }, { reason: { code: '55P03' } }]);
  });

  test('an error in one of the sessions ends it, and is told', async () => {
    await fill(2_000);
    const lost = { query: () => Promise.reject(new Error('lost')) };
    const counting = inSnapshot(([one, two]) => countClasses([one, { ...two, ...lost }], query, { pagesPerRange: 5 }));
    await expect(counting).rejects.toThrow('lost');
  });
});

test('neither a key nor a hash leaves the server', async () => {
  const [key, hash] = ['planted-key', createHash('sha256').update('planted-key').digest('hex')];
  await database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash)
     values ('', $1, $2), ('', $1, upper($2)), ('', $1, null), ('', null, $2)`,
    [key, hash],
  );
  const url = new URL(database.url);
  const proxy = await startRecordingProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const recorded = openPostgres({ url: url.href, applicationName: 'recorded' });
  const counts = await withSnapshotSessions(recorded, { tables: [sessions] }, (two) =>
    countClasses(two, { ...sessions, ...columns }),
  );
  expect(counts).toEqual({ match: 1, mismatch: 1, valueWithoutReplacement: 1, replacementWithoutValue: 1, public: 0 });
  expect(proxy.answers()).toContain('hashes'); // a column of the counts: it does record
  expect(proxy.answers().toLowerCase()).not.toContain(key);
  expect(proxy.answers().toLowerCase()).not.toContain(hash);
  await recorded.close();
  proxy.stop();
});

test('every partition is counted', async () => {
  await database.query(`create table parts (id int, "Key" text, hash text) partition by range (id);
    create table parts_1 partition of parts for values from (0) to (10);
    create table parts_2 partition of parts for values from (10) to (20);
    insert into parts select n, 'k', ${hashOf(`'k'`)} from generate_series(0, 19) n`);
  const query = {
    schema: 'public',
    table: 'parts',
    removed: 'Key',
    replacement: 'hash',
    proof: `(hash = ${hashOf('"Key"')})`,
  };
  await expect(database.postgres.withClient((client) => countClasses([client], query))).resolves.toMatchObject({
    match: 20,
  });
});

test('rows on another server make the count fail, too', async () => {
  await database.query(`create foreign data wrapper elsewhere; create server elsewhere foreign data wrapper elsewhere;
    create table spread (owner_api_key text, owner_api_key_hash text) partition by list (owner_api_key);
    create foreign table spread_1 partition of spread default server elsewhere`);
  await expect(count({ schema: 'public', table: 'spread' })).rejects.toThrow(
    'expected the rows of public.spread on this server, found the foreign table public.spread_1; detach it first',
  );
});

test('rows that a policy hides make the count fail instead of making it too small', async () => {
  const role = `limited_${database.name}`;
  await fill(3);
  await database.query(
    `create role ${role}; grant select on sessions to ${role}; alter table sessions enable row level security`,
  );
  const counting = database.postgres.withClient(async (client) => {
    await client.query(`set role ${role}`);
    return countClasses([client], { ...sessions, ...columns });
  });
  await expect(counting).rejects.toMatchObject({ sqlstate: '42501' });
  await database.query('alter table sessions disable row level security');
});
