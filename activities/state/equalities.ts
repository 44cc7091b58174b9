import { readEqualities } from '../../adapters/catalogue/column-equality';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { permanent } from '../../contract/run/failures';
import { conditionsOf, placeOf } from '../../contract/plan/places';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import type { Equalities } from '../../sql/condition';

/**
 * How the columns of conditions are compared, as the catalogue of this very server says it: asked anew in each session, and the
 * same in all of them. Nothing is asked where nothing has a condition.
 *
 * @throws `WrongState` for a column that is not there, or whose type has no equality
 */
export async function equalitiesOf(client: PostgresClient, removals: readonly DatabaseRemoval[]): Promise<Equalities> {
  const found: Equalities[number][] = [];
  for (const removal of removals) {
    const columns = Object.keys(conditionsOf(removal));
    if (columns.length === 0) continue;
    const known = await readEqualities(client, placeOf(removal), columns);
    for (const column of columns) {
      const one = known.find((each) => each.column === column);
      if (one?.operator == null) throw notComparable(removal, column, one?.type);
      found.push({ ...one, operator: one.operator });
    }
  }
  return found;
}

function notComparable(removal: DatabaseRemoval, column: string, type: string | undefined): Error {
  const { schema, table } = placeOf(removal);
  const found = type === undefined ? 'no such column' : `type ${type}, whose values the server can not compare`;
  return permanent(
    'WrongState',
    `expected a column ${schema}.${table}.${column} that can be compared, found ${found}; nothing was changed; name another column in "where"`,
  );
}
