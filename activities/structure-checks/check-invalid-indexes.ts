import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findInvalidIndexes } from '../../adapters/dependents/invalid-indexes';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { TableName } from '../../contract/text/object-name';
import { byOneOf } from '../environment/remedies';

/**
 * Indexes whose building has failed. `pg_dump` leaves them out, so a table comes back without them; and building them again
 * for a column fails for the reason for which it failed before.
 *
 * @param isGoing whether an index goes with what the plan removes; default: all of the table's
 */
export async function checkInvalidIndexes(
  client: PostgresClient,
  table: TableName,
  isBeingRemoved: (index: { schema: string; index: string }) => boolean = () => true,
): Promise<Finding[]> {
  const invalid = await findInvalidIndexes(client, table);
  return invalid.filter(isBeingRemoved).map(({ name, ways }) =>
    finding(`index ${name}`, false, {
      expected: 'one that the server uses',
      found: 'invalid: its building has failed, and no backup holds it',
      ...byOneOf(...ways),
    }),
  );
}
