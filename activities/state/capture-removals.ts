import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import { readValidChecks } from '../../adapters/catalogue/valid-checks';
import { captureTable } from '../../adapters/catalogue/table-definition';
import { readShape } from '../../adapters/catalogue/table-shape';
import { permanent } from '../../contract/run/failures';
import { visible } from '../../contract/text/plain-text';
import { traits, type DatabaseKind } from '../../contract/plan/kinds';
import type { Plan } from '../../contract/plan/plan';
import { placeName, placeOf, type DatabaseRemoval, type RemovalOf } from '../../contract/plan/removal';
import { removalsOf } from '../../contract/plan/removals';
import type { Capture, CaptureOf } from './captured-columns';
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
    const capture = await captureOne(removal, { client, environment });
    if (capture === undefined) {
      const what = `${traits[removal.kind].field} ${visible(placeName(removal))}`;
      throw permanent('WrongWorld', `expected ${what}, found none; nothing was changed; somebody else has removed it`);
    }
    const catalogue = await snapshotOf(client, [placeOf(removal)]);
    captured.push({ ...capture, catalogue, validChecks: await readValidChecks(client, removal) });
  }
  return captured;
}

interface Capturing {
  client: PostgresClient;
  environment: Environment;
}

/** How it is looked at; undefined: it is not there. */
const captures = {
  column: (removal, { client }) => captureColumn(client, removal, removal.column),
  table: (removal, { environment }) => defineTable(environment, removal),
  rows: (removal, { client }) => readShape(client, removal),
} satisfies { [K in DatabaseKind]: (removal: RemovalOf<K>, of: Capturing) => Promise<CaptureOf<K> | undefined> };

const captureOne = (removal: DatabaseRemoval, of: Capturing): Promise<Capture | undefined> =>
  (captures[removal.kind] as (removal: DatabaseRemoval, of: Capturing) => Promise<Capture | undefined>)(removal, of);

/** As `pg_dump` says it, on a connection of its own. */
export const defineTable = (
  { target, name, postgresUrl: url, toolsFolder }: Environment,
  table: { schema: string; table: string },
): ReturnType<typeof captureTable> =>
  captureTable(
    { connection: { url, applicationName: `rubicon ${target} ${name} define`.slice(0, 63) }, toolsFolder },
    table,
  );
