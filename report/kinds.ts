import type { Facts } from '../contract/run/facts';
import type { Kind } from '../contract/plan/kinds';
import type { Removal, RemovalOf } from '../contract/plan/removal';
import { kindOf, nameOfRemoval, parseRemoval } from '../contract/plan/removals';
import type { Removes } from '../contract/plan/removals';
import { columnNameSchema, parseColumnName, shortTableName, writtenName } from '../contract/text/object-name';
import { visible } from '../contract/text/plain-text';

/** What differs by the kind in an author's own plan, in plans and reports; what approvers read: `gates/gate-kinds.ts`. */
interface KindWords<R extends Removal> {
  /** In an author's own plan: what it is, and how it is kept. */
  line: (name: string, removal: R) => string;
  /** How it is hidden, after "Hide,". */
  hidden: string;
  /** How it comes back by hand. */
  rebuilt: string;
  /** Where it is gone, after its names. `since`: the end of the sentence, if it is known when. */
  gone: (since: string) => string;
  /** What a final copy holds, one of them. */
  kept: 'owner' | 'value' | 'row';
  /** How a final copy was judged. */
  judged: string;
  /** What is on the disk still, from its name; undefined: nothing of a table that is there, or nothing in this database. */
  pagesOf: (name: string) => string | undefined;
}

const asWritten = (name: string): string => visible(writtenName(name));
const keyOf = ({ primaryKey }: { primaryKey: string[] }): string => primaryKey.map(asWritten).join(', ');

const withIndexes = (since: string): string =>
  `no statement reaches them in production${since}; indexes that named them are gone too`;
const byRow = 'each row by its primary key, decrypted and read back';

const words = {
  column: {
    line: (name, removal) =>
      removal.replacedBy === undefined
        ? `${name}, replaced by nothing: kept by its row (${keyOf(removal)})`
        : `${name}, replaced by ${asWritten(removal.replacedBy)}`,
    hidden: 'in one transaction',
    rebuilt:
      'Build the columns as they were captured (type, collation, comment, rights), fill them from the final copy, then default, NOT NULL and indexes; no row may be left with a replacement and without a value when the old release serves.',
    gone: withIndexes,
    kept: 'owner',
    judged: 'each pair proven in the database, decrypted and read back',
    pagesOf: (name) => (columnNameSchema.safeParse(name).success ? shortTableName(parseColumnName(name)) : name),
  },
  table: {
    line: (name, removal) => `table ${name} with all its rows, kept by their primary key (${keyOf(removal)})`,
    hidden: 'in one transaction',
    rebuilt:
      'Build the tables as they were captured (`pg_dump --schema-only --section=pre-data`), insert every row of the final copy (its text cast to the type of the table), set the sequences to where they were, then the rest (`--section=post-data`).',
    gone: withIndexes,
    kept: 'row',
    judged: byRow,
    pagesOf: () => undefined,
  },
  rows: {
    line: (name, removal) => `rows of ${name}, kept by their primary key (${keyOf(removal)})`,
    hidden: 'a table next to theirs, then batch by batch',
    rebuilt:
      'Insert every row of the final copy into its table again (its text cast to a row of the columns that the table had then), without its triggers, column by column that is still there; leave out a row whose key is there again.',
    gone: (since) => `not in their table in production${since}`,
    kept: 'row',
    judged: byRow,
    pagesOf: (name) => /^((?:"[^"]*"|[^"])*?) where /.exec(name)?.[1] ?? name,
  },
  partition: {
    line: (name, removal) => `partition ${name} with all its rows, kept by their primary key (${keyOf(removal)})`,
    hidden: 'in one transaction, then detached outside of one',
    rebuilt:
      'Build each as it was captured, as a table of its own (`pg_dump --schema-only` without its `ATTACH`), insert every row of the final copy (its text cast to the type of the table), then indexes and constraints, also those of the table above it, and a CHECK of its bound; attach it last: no row is read for it then.',
    gone: withIndexes,
    kept: 'row',
    judged: byRow,
    pagesOf: () => undefined,
  },
  index: {
    line: (name) => `index ${name} alone: its table stays, and every value; while it is hidden its use is counted`,
    hidden: 'in one transaction',
    rebuilt:
      'Build the indexes as they were captured (`create index concurrently`, outside any transaction; first drop an invalid one that a failed attempt has left), then comments and statistics targets.',
    gone: (since) => `no query can use them in production${since}; no value was removed with them`,
    kept: 'row',
    judged: 'none',
    pagesOf: () => undefined,
  },
  external: {
    line: (name) => `${name}: no statement reaches it, and nothing restores it`,
    hidden: 'by an action',
    rebuilt: 'None: the plan says `restore: none`.',
    gone: (since) => `the check of the action that drops it holds in production${since}`,
    kept: 'row',
    judged: 'none',
    pagesOf: () => undefined,
  },
} satisfies { [K in Kind]: KindWords<RemovalOf<K>> };

const wordsOf = (kind: Kind) => words[kind] as KindWords<Removal>;

/** Of a run, once its plan is loaded. */
export const kindWords = ({ plan }: Pick<Facts, 'plan'>) => wordsOf(plan?.kind ?? 'column');

/** Of a plan. */
export const planWords = (plan: { removes: Removes }) => wordsOf(kindOf(plan));

/** One entry of a plan, for its author. */
export function removalLine(entry: Removes[number]): string {
  const removal = parseRemoval(entry);
  return wordsOf(removal.kind).line(nameOfRemoval(entry), removal);
}
