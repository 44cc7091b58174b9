import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findPublications, type Publication, type PublishedTable } from '../../adapters/dependents/publications';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import type { ValueKind } from '../../contract/plan/kinds';
import { removedFrom } from '../../contract/plan/places';
import type { ValueRemoval } from '../../contract/plan/removal';
import { qualifiedName } from '../../sql/identifier';
import { publicationRemedy, type BeingRemoved, type PublicationRemedy } from './publication-remedy';
import { quoted } from '../../sql/quoted-statement';
import { mayBeHarmless, type Remedy } from '../environment/remedies';

/** One way in which a publication comes to have a table of the plan. */
interface Published {
  publication: Publication;
  removal: ValueRemoval;
  /** Columns that go from the table; empty for a table or some of its rows. */
  beingRemoved: readonly string[];
}

/**
 * Who replicates what a plan takes out. A subscriber stops at the first row of a table whose column was renamed or dropped,
 * and does not go on when it is back; for a table that is made again, and for rows that are moved, it gets each row once
 * more, or a deletion. One finding a publication for all tables of the plan: two that each make it anew would undo each other.
 */
export async function checkPublications(client: PostgresClient, removals: readonly ValueRemoval[]): Promise<Finding[]> {
  const ways = new Map<string, Published[]>();
  for (const removal of new Map(removals.map((each) => [qualifiedName(each), each])).values()) {
    const beingRemoved = removedFrom(removal, removals);
    for (const publication of await findPublications(client, removal)) {
      if (beingRemoved.length > 0 && !hasAny(publication, beingRemoved)) continue;
      const way = `${publication.name} ${publication.by}`;
      ways.set(way, [...(ways.get(way) ?? []), { publication, removal, beingRemoved }]);
    }
  }
  return [...ways.values()].map(publishes);
}

/** A list of columns, and no filter, that has none of them is what is wanted. */
function hasAny(publication: Publication, beingRemoved: readonly string[]): boolean {
  if (publication.by !== 'list') return true;
  const { list, columns, filterColumns } = publication.table;
  return beingRemoved.some((column) => (list ?? columns).includes(column) || filterColumns.includes(column));
}

function publishes(published: readonly Published[]): Finding {
  const [first] = published;
  if (first === undefined) throw new Error('expected a table of a publication, found none');
  const { publication, removal, beingRemoved } = first;
  const names = published.map((each) => shortTableName(each.removal)).join(', ');
  if (published.every(isThroughAbove)) return onlyDetached(publication, names);
  const columns = published.length === 1 ? beingRemoved.join(', ') : `what is removed of ${names}`;
  return finding(`publication ${publication.name} of ${names}`, false, {
    expected: beingRemoved.length > 0 ? `none that has ${columns}` : 'no logical replication of this table',
    found: `${how[publication.by](publication)}: ${saidOf[removal.kind].means}`,
    ...remedyOf(published, removal),
  });
}

/**
 * Of a partition that is published because its table is: detached it is no more, so neither its drop nor what a rollback fills in
 * before it is attached again reaches a subscriber (`test/kill/kinds/publications.test.ts` shows it).
 */
const isThroughAbove = ({ publication, removal }: Published): boolean =>
  removal.kind === 'partition' && publication.by === 'list' && !publication.table.isItself;

const onlyDetached = (publication: Publication, names: string): Finding =>
  finding(`publication ${publication.name} of ${names}`, 'possible', {
    expected: 'no logical replication of this table',
    found: `${how[publication.by](publication)}: its subscribers keep the rows of ${names}, and are not told that they are gone`,
    ...mayBeHarmless({ remedy: 'remove these rows at each subscriber too, or leave the partition out of the plan' }),
  });

function remedyOf(published: readonly Published[], removal: ValueRemoval): Remedy {
  const isOfColumns = published.some(({ beingRemoved }) => beingRemoved.length > 0);
  const asked = isOfColumns ? removedOf(published) : undefined;
  const remedies = together(published).map((each) => publicationRemedy(each, asked));
  const words = remedies.flatMap((each) => ('words' in each ? [each.words] : []));
  if (words.length === 0) {
    const { sql, also } = joined(remedies);
    return {
      remedy: `${saidOf[removal.kind].subscribersFirst}; then, in one transaction, ${quoted(...sql)} (${also}), and start the rollout again`,
      remedySql: sql,
    };
  }
  const out = together(published).map((each) => publicationRemedy(each));
  const remedy = `${saidOf[removal.kind].subscribersFirst}; ${words.join('; ')}`;
  // What only a person can write; the table as a whole can be taken out instead.
  if (!isOfColumns || out.some((each) => 'words' in each)) return { remedy: `${remedy}; then start the rollout again` };
  const { sql, also } = joined(out);
  return {
    remedy: `${remedy}; or take the whole table out of it, in one transaction: ${quoted(...sql)} (subscribers get no more rows of it; ${also}), then start the rollout again`,
    remedySql: sql,
  };
}

function joined(remedies: readonly PublicationRemedy[]): { sql: string[]; also: string } {
  const known = remedies.flatMap((each) => ('words' in each ? [] : [each]));
  return {
    sql: [...new Set(known.flatMap(({ sql }) => sql))],
    also: [...new Set(known.map(({ also }) => also))].join('; '),
  };
}

/** By every name through which a table's rows are published: its own, and those above and below it. */
function removedOf(published: readonly Published[]): BeingRemoved {
  const beingRemoved = new Map<string, string[]>();
  for (const { publication, beingRemoved: columns } of published)
    for (const { name, isMeant } of tablesOf(publication))
      if (isMeant) beingRemoved.set(name, [...new Set([...(beingRemoved.get(name) ?? []), ...columns])]);
  return beingRemoved;
}

const tablesOf = (publication: Publication): PublishedTable[] =>
  publication.by === 'list' ? [publication.table] : publication.tables;

/** What lists its tables is changed table by table; what is made again, once, with all that is meant of it. */
function together(published: readonly Published[]): Publication[] {
  const publications = published.map(({ publication }) => publication);
  const [first] = publications;
  if (first === undefined || first.by === 'list') return publications;
  const meant = (of: (table: PublishedTable) => boolean, name: string): boolean =>
    publications.some((each) => tablesOf(each).some((table) => table.name === name && of(table)));
  const tables = first.tables.map((table) => ({
    ...table,
    isMeant: meant(({ isMeant }) => isMeant, table.name),
    isItself: meant(({ isItself }) => isItself, table.name),
  }));
  return [{ ...first, tables }];
}

const how: Record<Publication['by'], (publication: Publication) => string> = {
  'all tables': () => 'it is for all tables',
  schema: (publication) =>
    'schemas' in publication ? `it is for tables in schema ${publication.schemas.join(', ')}` : '',
  list: (publication) => ('table' in publication ? `it lists ${publication.table.name}` : ''),
};

const withoutTheseRows = 'let its subscribers do without these rows (what they have stays there)';

const saidOf = {
  column: {
    means: 'its subscribers stop when the column is hidden, and putting it back does not repair them',
    subscribersFirst: 'let its subscribers do without the column (it stays there, and gets no value any more)',
  },
  table: {
    means: 'its subscribers get no more rows, and every row once more when the table comes back',
    subscribersFirst: withoutTheseRows,
  },
  partition: {
    means: 'its subscribers get no more rows of it, and every row once more when it comes back',
    subscribersFirst: withoutTheseRows,
  },
  rows: {
    means:
      'it takes each move of a row for a deletion, and refuses moves back out of a table without a replica identity',
    subscribersFirst: withoutTheseRows,
  },
} satisfies Record<ValueKind, { means: string; subscribersFirst: string }>;
