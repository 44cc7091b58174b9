import pg from 'pg';
import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { pageRange, relationsOf, type PageRange, type Relation } from './pages';
import { shareAmong } from '../programs/share-among';

/** Rows of one table by what they have of the removed column and of the one that replaces it. */
export interface RowClasses {
  /** Both, and the proof holds: nothing is lost. */
  match: number;
  /** Both, and the proof does not hold (or can't be computed). */
  mismatch: number;
  /** Only the removed column: such a row is open to everyone once that is gone. */
  valueWithoutReplacement: number;
  /** Only the replacement: open to everyone under a release that reads the removed column. */
  replacementWithoutValue: number;
  /** Neither. */
  public: number;
  /** Of the last two: rows with something in the removed column that is no value (`noValue`). Absent = none. */
  placeholders?: number;
}

/** Which rows are counted, and how a pair of values is proven. */
export interface ClassesQuery extends TableName {
  /** Column, unquoted. */
  removed: string;
  /** Column, unquoted. */
  replacement: string;
  /** Condition over the two columns' quoted names, made from the plan's proof. */
  proof: string;
  /** Condition over the removed column's quoted name, never null: what stands there counts as none. Absent = never. */
  noValue?: string;
}

/** How far the count is; plain data, to be kept in a heartbeat and handed back after a crash. */
export interface ClassesProgress {
  /** Of everything in `read`. */
  counts: RowClasses;
  /** By relation: the file that was read, and how many pages of it. */
  read: Record<string, { file: number; pages: number }>;
}

/** Options of {@link countClasses}. */
export interface ClassesOptions {
  /** After each range, in their order; what it throws ends the count. */
  onRange?: (progress: ClassesProgress) => void;
  /** Continued unless the table was rewritten since: then the count starts again. */
  resumeFrom?: ClassesProgress | undefined;
  /** Pages of one statement; default 2,048 (16 MB), or four times as many where values repeat: a fraction of a second. */
  pagesPerRange?: number;
}

/** The planner takes key and hash for independent, expects all their combinations, and would sort for want of room. */
const roomForPairs = `select set_config('work_mem', '64MB', true)`;

const noRows: RowClasses = { match: 0, mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 0 };

/**
 * Counts the classes within the server, range by range: neither a key nor a hash comes here.
 *
 * Exact if all sessions are in one snapshot (`withSnapshotSessions`): a row that moves meanwhile lies, for them, where it
 * was. A count that is taken up again is in another snapshot than its beginning: a row that has moved since over the
 * place where it was cut off is counted twice or not at all. It may serve as a forecast; what must be exact is counted
 * from the start.
 */
export async function countClasses(
  sessions: readonly [PostgresClient, ...PostgresClient[]],
  query: ClassesQuery,
  { onRange, resumeFrom, pagesPerRange }: ClassesOptions = {},
): Promise<RowClasses> {
  const repeats = await valuesRepeat(sessions[0], query);
  if (repeats) for (const session of sessions) await session.query(roomForPairs);
  const pagesOfRange = pagesPerRange ?? (repeats ? 8_192 : 2_048);
  const relations = await relationsOf(sessions[0], query);
  const kept = resumeFrom !== undefined && isUnmoved(resumeFrom, relations) ? resumeFrom : undefined;
  let { counts, read } = kept ?? { counts: noRows, read: {} };
  await shareAmong(
    sessions,
    relations.flatMap((relation) => stretches(relation, read[relation.name]?.pages ?? 0, pagesOfRange)),
    {
      perform: (session, { relation, from, to }) =>
        countRange(session, { ...query, repeats }, pageRange(relation.name, from, to)),
      onResult: ({ relation: { name, file }, to }, found) => {
        counts = sum(counts, found);
        read = { ...read, [name]: { file, pages: to } };
        onRange?.({ counts, read });
      },
    },
  );
  return counts;
}

/** Whether everything that was read is where it was. */
function isUnmoved({ read }: ClassesProgress, relations: readonly Relation[]): boolean {
  const files = new Map(relations.map(({ name, file }) => [name, file]));
  return Object.entries(read).every(([name, { file }]) => files.get(name) === file);
}

interface Stretch {
  relation: Relation;
  from: number;
  to: number;
}

const stretches = (relation: Relation, start: number, size: number): Stretch[] =>
  Array.from({ length: Math.max(0, Math.ceil((relation.pages - start) / size)) }, (_, index) => {
    const from = start + index * size;
    return { relation, from, to: Math.min(from + size, relation.pages) };
  });

/**
 * By the planner's statistics, if there are any: ten rows of a value or more, as where an owner has many. And only where
 * values that are grouped are the same byte by byte: of "User7" and "user7" one would be proven, and both be counted.
 */
async function valuesRepeat(
  session: PostgresClient,
  { schema, table, removed, replacement }: ClassesQuery,
): Promise<boolean> {
  const { rows } = await session.query<{ repeats: boolean }>(
    `select case when s.n_distinct > 0 then s.n_distinct <= c.reltuples / 10 else s.n_distinct >= -0.1 end as repeats
       from pg_stats s join pg_namespace n on n.nspname = s.schemaname
       join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
      where s.schemaname = $1 and s.tablename = $2 and s.attname = $3 and not exists (
            select from pg_attribute a left join pg_collation k on k.oid = a.attcollation
             where a.attrelid = c.oid and a.attname in ($3, $4) and (not k.collisdeterministic or a.atttypid not in (
                   'text'::regtype, 'varchar'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)))
      order by s.inherited desc limit 1`,
    [schema, table, replacement, removed],
  );
  return rows[0]?.repeats === true;
}

/**
 * The proof is by far the dearest part, so that it stands here once, and where values repeat it is asked once a pair of
 * them; the other classes follow from sums.
 */
async function countRange(
  session: PostgresClient,
  query: ClassesQuery & { repeats: boolean },
  { relation, from, to }: PageRange,
): Promise<RowClasses> {
  const [removed, replacement] = [pg.escapeIdentifier(query.removed), pg.escapeIdentifier(query.replacement)];
  const noValue = query.noValue ?? 'false';
  const hasValue = `${removed} is distinct from null and not ${noValue}`;
  const hasReplacement = `${replacement} is distinct from null`; // also a composite value with a null field
  const bothSet = `${hasValue} and ${hasReplacement}`;
  const range = `only ${relation} where ctid >= $1::tid and ctid < $2::tid`;
  const [source, count] = query.repeats
    ? [`(select ${removed}, ${replacement}, count(*) as n from ${range} group by 1, 2) as pairs`, 'sum(n)']
    : [range, 'count(*)'];
  const counted = (condition: string): string => `coalesce(${count} filter (where ${condition}), 0)::float8`;
  const { rows } = await session.query<Sums>(
    `select ${counted('true')} as total, ${counted(hasValue)} as keys,
            ${counted(noValue)} as placeholders,
            ${counted(hasReplacement)} as hashes, ${counted(bothSet)} as "both",
            ${counted(`${bothSet} and (${query.proof})`)} as match
       from ${source}`,
    [from, to],
  );
  const { total = 0, keys = 0, hashes = 0, both = 0, match = 0, placeholders = 0 } = rows[0] ?? {};
  return {
    match,
    mismatch: both - match,
    valueWithoutReplacement: keys - both,
    replacementWithoutValue: hashes - both,
    public: total - keys - hashes + both,
    ...(placeholders > 0 && { placeholders }),
  };
}

interface Sums {
  total: number;
  keys: number;
  hashes: number;
  both: number;
  match: number;
  placeholders: number;
}

function sum(a: RowClasses, b: RowClasses): RowClasses {
  const placeholders = (a.placeholders ?? 0) + (b.placeholders ?? 0);
  return {
    match: a.match + b.match,
    mismatch: a.mismatch + b.mismatch,
    valueWithoutReplacement: a.valueWithoutReplacement + b.valueWithoutReplacement,
    replacementWithoutValue: a.replacementWithoutValue + b.replacementWithoutValue,
    public: a.public + b.public,
    ...(placeholders > 0 && { placeholders }),
  };
}
