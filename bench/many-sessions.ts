import { Client } from 'pg';
import { createSampleSchema } from '../dev/sample-data/schema';

const owners = 10_000;

/** Rows `$1` to `$2`, all in order: about 24 a page, keys of `$3` owners. */
const rows = `
  insert into sessions (title, metadata, owner_api_key, owner_api_key_hash)
  select 'Session ' || n, jsonb_build_object('note', repeat('n', 120)), key, encode(sha256(convert_to(key, 'UTF8')), 'hex')
    from (select n, 'sk-' || n % $3::int || '-' || md5('key ' || n % $3::int) as key
            from generate_series($1::int, $2::int) n) numbered`;

const aside = [
  'alter table sessions drop constraint sessions_pkey',
  'drop index idx_sessions_owner_api_key, idx_sessions_owner_api_key_hash',
];
const back = [
  'alter table sessions add primary key (id)',
  'create index idx_sessions_owner_api_key on sessions (owner_api_key)',
  'create index idx_sessions_owner_api_key_hash on sessions (owner_api_key_hash)',
];

const hash = `encode(sha256('planted'), 'hex')`;
const faults = `
  insert into sessions (title, owner_api_key, owner_api_key_hash)
  values ('mismatch', 'another', ${hash}), ('key only', 'planted', null), ('hash only', null, ${hash}), ('public', null, null)`;

/**
 * The sample application's tables with so many sessions; 10M take some minutes and 5 GB of disk.
 *
 * @param options `withFaults`: also a row of each other class in the first page and in the last one; `ownValues`: no two rows
 * have the same key
 */
export async function fillManySessions(
  databaseUrl: string,
  rowCount: number,
  { withFaults = false, ownValues = false }: { withFaults?: boolean; ownValues?: boolean } = {},
): Promise<void> {
  await createSampleSchema(databaseUrl);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`set maintenance_work_mem = '256MB'`);
    for (const sql of aside) await client.query(sql);
    if (withFaults) await client.query(faults);
    for (let first = 1; first <= rowCount; first += 1_000_000) {
      console.error(`filling: ${(first - 1) / 1_000_000} of ${rowCount / 1_000_000} M rows`);
      await client.query(rows, [first, Math.min(first + 999_999, rowCount), ownValues ? rowCount + 1 : owners]);
    }
    if (withFaults) await client.query(faults);
    for (const sql of back) await client.query(sql);
    await client.query('vacuum analyze sessions'); // as a table is that has lived for a while
  } finally {
    await client.end();
  }
}
