import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { SnapshotTarget } from '../../adapters/catalogue/catalogue-snapshot';
import { readValidChecks } from '../../adapters/catalogue/valid-checks';
import { captureTable } from '../../adapters/catalogue/table-definition';
import { readShape } from '../../adapters/catalogue/table-shape';
import { permanent } from '../../contract/run/failures';
import { visible } from '../../contract/text/plain-text';
import type { Plan } from '../../contract/plan/plan';
import { isColumn, isRows, placeName, removalsOf } from '../../contract/plan/removals';
import type { Removal } from '../../contract/plan/removals';
import type { Capture } from './captured-columns';
import type { Environment } from '../environment/environment';

/**
 * Everything that goes, as it is: what a rollback builds again, and compares with.
 *
 * @throws `WrongWorld` if something is not there
 */
export async function captureRemovals(
  client: PostgresClient,
  environment: Environment,
  plan: Pick<Plan, 'removes'>,
): Promise<Capture[]> {
  const captured: Capture[] = [];
  for (const removal of removalsOf(plan)) {
    const capture = await captureOne(client, environment, removal);
    if (capture === undefined) {
      const what = `${isColumn(removal) ? 'column' : 'table'} ${visible(placeName(removal))}`;
      throw permanent('WrongWorld', `expected ${what}, found none; nothing was changed; somebody else has removed it`);
    }
    const catalogue = await snapshotOf(client, [targetOf(removal)]);
    captured.push({ ...capture, catalogue, validChecks: await readValidChecks(client, removal) });
  }
  return captured;
}

const targetOf = (removal: Removal): SnapshotTarget => {
  const { schema, table } = removal;
  return isColumn(removal) ? { schema, table, column: removal.column } : { schema, table };
};

const captureOne = (
  client: PostgresClient,
  environment: Environment,
  removal: Removal,
): Promise<Capture | undefined> =>
  isRows(removal)
    ? readShape(client, removal)
    : isColumn(removal)
      ? captureColumn(client, removal, removal.column)
      : defineTable(environment, removal);

/** As `pg_dump` says it, on a connection of its own. */
export const defineTable = (
  { target, name, postgresUrl: url, toolsFolder }: Environment,
  table: { schema: string; table: string },
): ReturnType<typeof captureTable> =>
  captureTable(
    { connection: { url, applicationName: `rubicon ${target} ${name} define`.slice(0, 63) }, toolsFolder },
    table,
  );
