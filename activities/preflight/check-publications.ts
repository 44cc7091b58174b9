import type { PostgresClient } from '../../adapters/postgres';
import { findPublications, type Publication } from '../../adapters/postgres/publications';
import { finding } from '../../contract/findings';
import type { Finding } from '../../contract/findings';
import { shortTableName } from '../../contract/object-name';
import { isColumn, isRows } from '../../contract/removals';
import type { Removal } from '../../contract/removals';
import { publicationRemedy } from './publication-remedy';
import { quoted, type Remedy } from './remedies';

/**
 * Who replicates what a plan takes out. A subscriber stops at the first row of a table whose column was renamed or dropped,
 * and does not go on when it is back; for a table that is made again, and for rows that are moved, it gets each row once
 * more, or a deletion.
 *
 * @param going columns that go from the table; empty for a table or some of its rows
 */
export async function checkPublications(
  client: PostgresClient,
  removal: Removal,
  going: readonly string[],
): Promise<Finding[]> {
  const publications = await findPublications(client, removal);
  return publications
    .filter((publication) => !isColumn(removal) || hasAny(publication, going))
    .map((publication) => publishes(publication, removal, going));
}

/** What only a person can write; the table as a whole can be taken out instead. */
function byHand(publication: Publication, removal: Removal, words: string): Remedy {
  const out = publicationRemedy(publication);
  const remedy = `${subscribersFirst(removal)}; ${words}`;
  if (!isColumn(removal) || 'words' in out) return { remedy: `${remedy}; then start the rollout again` };
  return {
    remedy: `${remedy}; or take the whole table out of it, in one transaction: ${quoted(...out.sql)} (subscribers get no more rows of it; ${out.also}), then start the rollout again`,
    remedySql: out.sql,
  };
}

/** A list of columns, and no filter, that has none of them is what is wanted. */
function hasAny(publication: Publication, going: readonly string[]): boolean {
  if (publication.by !== 'list') return true;
  const { list, columns, filterColumns } = publication.table;
  return going.some((column) => (list ?? columns).includes(column) || filterColumns.includes(column));
}

function publishes(publication: Publication, removal: Removal, going: readonly string[]): Finding {
  const { name, by } = publication;
  const remedy = publicationRemedy(publication, isColumn(removal) ? going : undefined);
  const table = shortTableName(removal);
  return finding(`publication ${name} of ${table}`, false, {
    expected: isColumn(removal) ? `none that has ${going.join(', ')}` : 'no logical replication of this table',
    found: `${how[by](publication)}: ${means(removal)}`,
    ...('words' in remedy
      ? byHand(publication, removal, remedy.words)
      : {
          remedy: `${subscribersFirst(removal)}; then, in one transaction, "${remedy.sql.join('; ')}" (${remedy.also}), and start the rollout again`,
          remedySql: remedy.sql,
        }),
  });
}

const how: Record<Publication['by'], (publication: Publication) => string> = {
  'all tables': () => 'it is for all tables',
  schema: (publication) =>
    'schemas' in publication ? `it is for tables in schema ${publication.schemas.join(', ')}` : '',
  list: (publication) => ('table' in publication ? `it lists ${publication.table.name}` : ''),
};

const means = (removal: Removal): string =>
  isColumn(removal)
    ? 'its subscribers stop when the column is hidden, and putting it back does not repair them'
    : isRows(removal)
      ? 'it takes each move of a row for a deletion, and refuses moves back out of a table without a replica identity'
      : 'its subscribers get no more rows, and every row once more when the table comes back';

const subscribersFirst = (removal: Removal): string =>
  isColumn(removal)
    ? 'let its subscribers do without the column (it stays there, and gets no value any more)'
    : 'let its subscribers do without these rows (what they have stays there)';
