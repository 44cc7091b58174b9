import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { SampleOf } from '../../adapters/database-copy/sample-rows';
import type { Plan } from '../../contract/plan/plan';
import { findLockable } from '../../adapters/catalogue/lockable';
import { hasValues } from '../../contract/plan/removal';
import { placeOf } from '../../contract/plan/places';
import { removalsOf, withValues } from '../../contract/plan/removals';
import { parseTableName } from '../../contract/text/object-name';
import { hasValue } from '../../sql/saved-values/saved-value';
import { equalitiesOf } from '../state/equalities';

/** Rows of each kind that a sample has of a table: enough for every shape of value, little enough for seconds. */
const sampledRows = 500;

/** Which rows of a database are needed to walk the way of a plan: some that it is about, some others, and the revision. */
export async function sampleOfPlan(
  client: PostgresClient,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<SampleOf[]> {
  const removals = withValues({ removes });
  const equalities = await equalitiesOf(client, removals);
  const byTable = new Map<string, { schema: string; table: string; conditions: string[] }>();
  for (const removal of removals) {
    const { schema, table } = removal;
    const of = byTable.get(`${schema}.${table}`) ?? { schema, table, conditions: [] };
    byTable.set(`${schema}.${table}`, of);
    of.conditions.push(hasValue(removal, equalities));
  }
  const tables = [...byTable.values()].map(({ schema, table, conditions }) => {
    const any = conditions.map((condition) => `(${condition})`).join(' or ');
    const some = [any, `(${any}) is not true`].map((where) => ({ where, rows: sampledRows }));
    return { schema, table, some };
  });
  // An index is built again from whatever rows its table has.
  const withoutValues = removalsOf({ removes }).filter((removal) => !hasValues(removal));
  for (const table of await findLockable(client, withoutValues.map(placeOf)))
    tables.push({ ...table, some: [{ where: 'true', rows: sampledRows }] });
  if (revision === undefined) return tables;
  return [...tables, { ...parseTableName(revision.table), some: [{ where: 'true', rows: sampledRows }] }];
}
