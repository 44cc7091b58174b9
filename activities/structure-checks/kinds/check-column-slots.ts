import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { findColumnSlots, type ColumnSlots } from '../../../adapters/catalogue/column-slots';
import { finding } from '../../../contract/run/findings';
import type { Finding } from '../../../contract/run/findings';
import type { TableName } from '../../../contract/text/object-name';

/** PostgreSQL's `MaxHeapAttributeNumber`: columns that are there and columns that were dropped. */
const mostNumbers = 1_600;

/** What fits into a page of 8 kB. */
const mostRowBytes = 8_160;

/**
 * Whether dropped columns can be added again: a table gives 1,600 numbers to its columns in its whole life, and dropped ones
 * keep theirs. Guards against a rollback that ends with "tables can have at most 1600 columns", after the drop.
 *
 * @param going how many columns go from the table
 */
export async function checkColumnSlots(
  client: PostgresClient,
  removal: TableName,
  beingRemoved: number,
): Promise<Finding[]> {
  const rooms = await findColumnSlots(client, removal);
  return rooms.flatMap((room) => [numbersOf(room, beingRemoved), ...widthOf(room)]);
}

/** Twice: for the rehearsal in staging, or a rollback, and for a rollback after that. */
function numbersOf({ table, numbersUsed, columns }: ColumnSlots, beingRemoved: number): Finding {
  const needed = 2 * beingRemoved;
  const free = mostNumbers - numbersUsed;
  return finding(`column numbers of ${table}`, free >= needed, {
    expected: `${needed} of ${mostNumbers} free, to add ${beingRemoved} again twice`,
    found: `${free}: ${columns} columns are there, and ${numbersUsed - columns} dropped ones keep their numbers`,
    remedy:
      'that is beyond this plan: only a table that is made again has its numbers back, and neither "vacuum full", ' +
      'pg_repack nor pg_upgrade makes it again. A dump of the whole database that is restored into a new one does ' +
      '("pg_dump --format=custom --file=all.dump OLD", "createdb --template=template0 NEW", "pg_restore --dbname=NEW all.dump", while nothing writes); ' +
      'so does a migration of your own that makes this table again, with all that depends on it',
  });
}

/** Dropped columns make each row's list of nulls longer, so a row that just fitted may not fit any more. */
function widthOf({ table, rowBytes, numbersUsed }: ColumnSlots): Finding[] {
  if (rowBytes !== null && rowBytes <= mostRowBytes) return [];
  return [
    {
      check: `width of ${table}`,
      status: 'not covered',
      expected: `rows that always fit into a page (${mostRowBytes} bytes)`,
      found:
        rowBytes === null
          ? 'a column whose values can be stored nowhere else (storage plain)'
          : `up to ${rowBytes} bytes, if every value is stored apart that can be; ${numbersUsed} column numbers in each row's list of nulls`,
      remedy: 'a row that fills its page now may not take its value back: look at the longest rows before you approve',
    },
  ];
}
