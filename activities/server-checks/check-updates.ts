import { findRefusedUpdates } from '../../adapters/dependents/refused-updates';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { goneColumns } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { parseTableName, type TableName } from '../../contract/text/object-name';
import { visible } from '../../contract/text/plain-text';
import { qualifiedName } from '../../sql/identifier';
import { byStatements } from '../environment/remedies';

/**
 * Tables whose rows a rollout, or its rollback, updates: the revision with the drop, columns that get their values back.
 * Guards against a drop that the server refuses after all approvals, and against a rollback that it refuses for ever.
 */
export async function checkUpdates(
  client: PostgresClient,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<Finding[]> {
  const tables: TableName[] = goneColumns(removalsOf({ removes }));
  if (revision !== undefined) tables.push(parseTableName(revision.table));
  const findings: Finding[] = [];
  for (const table of new Map(tables.map((each) => [qualifiedName(each), each])).values())
    for (const { table: name, publications, alter } of await findRefusedUpdates(client, table))
      findings.push(
        finding(`updates of ${visible(name)}`, false, {
          expected: 'rows that can be updated',
          found: `the server refuses it: publication ${visible(publications.join(', '))} publishes updates, and the table has no replica identity`,
          ...byStatements([alter], alter.endsWith(' full') ? 'subscribers then find a row by all its columns' : ''),
        }),
      );
  return findings;
}
