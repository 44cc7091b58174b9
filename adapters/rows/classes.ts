import type { PostgresClient } from '../postgres/postgres';
import { pageRange, relationsOf, type Relation } from './pages';
import { shareAmong } from '../programs/share-among';
import { countRange, noRows, sum, type ClassesQuery, type RowClasses } from './range-classes';
import { valuesRepeat } from './values-repeat';

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
