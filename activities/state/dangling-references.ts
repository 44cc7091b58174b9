import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findOwnReferences, findReferences } from '../../adapters/catalogue/references';
import { shortName, shownPart } from '../../contract/text/object-name';
import type { RowsRemoval } from '../../contract/plan/removal';
import { countDangling, countDanglingReferences } from '../../sql/dangling-references';
import { equalitiesOf } from './equalities';

/** Rows that stay and point at one that goes. */
export interface DanglingReferences {
  /** Foreign key, with its table. */
  key: string;
  count: number;
}

/** What goes, and where. */
interface BeingRemoved {
  /** All rows that go, of whatever table. */
  beingRemoved: readonly RowsRemoval[];
  /** The name under which those of this table are found: the table's (default), or the hidden one's. */
  among?: string;
}

/**
 * Looks for what would point at nothing: rows are moved without the foreign keys of the server, which would refuse, or
 * take other rows along without a word.
 */
export async function findDanglingReferences(
  client: PostgresClient,
  removal: RowsRemoval,
  { beingRemoved, among = removal.table }: BeingRemoved,
): Promise<DanglingReferences[]> {
  const found: DanglingReferences[] = [];
  const equalities = await equalitiesOf(client, [removal, ...beingRemoved]);
  for (const reference of await findReferences(client, removal)) {
    const { schema, table, name } = reference;
    const pointing = beingRemoved.find((each) => each.schema === schema && each.table === table);
    const { rows } = await client.query<{ count: number }>(
      countDanglingReferences(reference, { removal, among, pointing }, equalities),
    );
    found.push({ key: `${shownPart(name)} of ${shortName({ schema, table })}`, count: rows[0]?.count ?? Number.NaN });
  }
  return found;
}

/** Rows that came back and point at one that was deleted meanwhile: nothing kept it, since nothing pointed at it. */
export async function findDanglingOfRows(client: PostgresClient, removal: RowsRemoval): Promise<DanglingReferences[]> {
  const found: DanglingReferences[] = [];
  const equalities = await equalitiesOf(client, [removal]);
  for (const reference of await findOwnReferences(client, removal)) {
    const { rows } = await client.query<{ count: number }>(countDangling(removal, reference, equalities));
    found.push({ key: `${shownPart(reference.name)} of ${shortName(removal)}`, count: rows[0]?.count ?? Number.NaN });
  }
  return found;
}
