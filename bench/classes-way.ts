import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { openPostgres } from '../adapters/postgres/postgres';
import { countClasses } from '../adapters/rows/classes';
import type { RowClasses } from '../adapters/rows/range-classes';
import { withSnapshotSessions } from '../adapters/postgres/snapshot-sessions';

/** What one way of counting took; sent to the parent. */
export interface ClassesRun {
  ms: number;
  /** By how much the process has grown at its largest. */
  grownBytes: number;
  /** Absent if the way does not tell them. */
  classes?: RowClasses;
}

export const ways = [
  'count(*)',
  'count(*) of all pages',
  'the proof alone',
  'Rubicon',
  'all rows in the client',
] as const;
export type Way = (typeof ways)[number];

const perform: Record<Way, (databaseUrl: string) => Promise<RowClasses | undefined>> = {
  'count(*)': (url) => ask(url, 'select count(*) from sessions'),
  'count(*) of all pages': (url) => ask(url, `${allPages}; select count(*) from sessions`),
  'the proof alone': (url) => ask(url, `${allPages}; select count(*) filter (where ${proof}) from sessions`),
  Rubicon: classify,
  'all rows in the client': fetchAll,
};

const proof = `owner_api_key_hash = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex')`;

async function classify(url: string): Promise<RowClasses> {
  const postgres = openPostgres({ url, applicationName: 'rubicon bench' });
  const table = { schema: 'public', table: 'sessions' };
  const query = { ...table, removed: 'owner_api_key', replacement: 'owner_api_key_hash', proof };
  return withSnapshotSessions(postgres, { tables: [table] }, (sessions) => countClasses(sessions, query));
}

/** The server answers `count(*)` from an index alone, and no question about the columns. */
const allPages = 'set enable_indexonlyscan = off; set enable_indexscan = off; set enable_bitmapscan = off';

/** By as many processes as the server gives one statement. */
async function ask(url: string, sql: string): Promise<undefined> {
  await withConnection(url, (client) => client.query(sql));
}

/** As the written runbook's script does it. */
async function fetchAll(url: string): Promise<RowClasses> {
  const classes: RowClasses = {
    match: 0,
    mismatch: 0,
    valueWithoutReplacement: 0,
    replacementWithoutValue: 0,
    public: 0,
  };
  const { rows } = await withConnection(url, (client) =>
    client.query<{ id: string; key: string | null; hash: string | null }>(
      'select id, owner_api_key as key, owner_api_key_hash as hash from sessions',
    ),
  );
  for (const { key, hash } of rows) classes[classOf(key, hash)] += 1;
  return classes;
}

function classOf(key: string | null, hash: string | null): keyof RowClasses {
  if (key === null) return hash === null ? 'public' : 'replacementWithoutValue';
  if (hash === null) return 'valueWithoutReplacement';
  return createHash('sha256').update(key, 'utf8').digest('hex') === hash ? 'match' : 'mismatch';
}

async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** In a process of its own: what a process once had it does not give back. */
process.once('message', async ({ way, url }: { way: Way; url: string }) => {
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  const classes = await perform[way](url);
  const ms = performance.now() - startedAt;
  const grownBytes = Math.max(0, process.resourceUsage().maxRSS * 1_024 - before);
  process.send?.({ ms, grownBytes, ...(classes && { classes }) } satisfies ClassesRun, () => process.disconnect());
});
