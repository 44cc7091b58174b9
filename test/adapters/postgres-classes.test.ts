import { countClasses, type ClassesProgress } from '../../adapters/postgres-classes';
import { assistants, openSampleDatabase, sampleProof, sessions, type SampleDatabase } from '../support/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon classes')));
afterAll(() => database.close());
beforeEach(() => database.query('truncate sessions, assistants'));

const columns = { removed: 'owner_api_key', replacement: 'owner_api_key_hash', proof: sampleProof };
const count = (table: { schema: string; table: string }, options: Parameters<typeof countClasses>[2] = {}) =>
  database.postgres.withClient((client) => countClasses(client, { ...table, ...columns }, options));

const hashOf = (key: string) => `encode(sha256(convert_to(${key}, 'UTF8')), 'hex')`;

/** `rowCount` rows that are in order; about 20 a page. */
const fill = (rowCount: number) =>
  database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash, metadata)
     select 't', 'key ' || n, ${hashOf(`'key ' || n`)}, to_jsonb(repeat('x', 200)) from generate_series(1, $1::int) n`,
    [rowCount],
  );

test('an empty table has no rows of any class', async () => {
  const noRows = { match: 0, mismatch: 0, keyWithoutHash: 0, hashWithoutKey: 0, public: 0 };
  await expect(count(sessions)).resolves.toEqual(noRows);
  await expect(count(assistants)).resolves.toEqual(noRows);
});

describe.each(['first', 'last'])('one fault in the %s page', (place) => {
  test.each([
    ['mismatch', 'the hash of another key', `'k'`, hashOf(`'another key'`)],
    ['mismatch', 'a hash in capitals', `'k'`, `upper(${hashOf(`'k'`)})`],
    ['keyWithoutHash', 'no hash', `'k'`, 'null'],
    ['hashWithoutKey', 'no key', 'null', hashOf(`'k'`)],
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

    const expected = { match: 2_000, mismatch: 0, keyWithoutHash: 0, hashWithoutKey: 0, public: 0, [fault]: 1 };
    await expect(count(sessions, { pagesPerRange: 7 })).resolves.toEqual(expected);
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

test('a count that was cut off goes on where it was, and counts nothing twice', async () => {
  await fill(2_000);
  let kept: ClassesProgress | undefined;
  const cutOff = count(sessions, {
    pagesPerRange: 10,
    onRange: (progress) => {
      kept = JSON.parse(JSON.stringify(progress)) as ClassesProgress; // as a heartbeat would
      if (progress.counts.match > 500) throw new Error('killed');
    },
  });
  await expect(cutOff).rejects.toThrow('killed');
  expect(kept?.counts.match).toBeLessThan(2_000);
  await expect(count(sessions, { pagesPerRange: 10, resumeFrom: kept })).resolves.toMatchObject({ match: 2_000 });
});

test('pages that the table gets while it is counted are counted, too', async () => {
  await fill(100);
  let grown: Promise<unknown> | undefined;
  const found = await database.postgres.withClient(async (client) => {
    return countClasses(
      client,
      { ...sessions, ...columns },
      {
        pagesPerRange: 1,
        onRange: () => ((grown ??= fill(100)), undefined),
      },
    );
  });
  await grown;
  expect(found.match).toBeGreaterThanOrEqual(100);
  await expect(count(sessions)).resolves.toMatchObject({ match: 200 });
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
  await expect(database.postgres.withClient((client) => countClasses(client, query))).resolves.toMatchObject({
    match: 20,
  });
});

test('rows that a policy hides make the count fail instead of making it too small', async () => {
  const role = `limited_${database.name}`;
  await fill(3);
  await database.query(
    `create role ${role}; grant select on sessions to ${role}; alter table sessions enable row level security`,
  );
  const counting = database.postgres.withClient(async (client) => {
    await client.query(`set role ${role}`);
    return countClasses(client, { ...sessions, ...columns });
  });
  await expect(counting).rejects.toMatchObject({ sqlstate: '42501' });
  await database.query('alter table sessions disable row level security');
});
