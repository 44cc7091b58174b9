import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { captureColumn, findColumns } from '../../../adapters/catalogue/catalogue';
import { finding } from '../../../contract/run/findings';
import type { Finding } from '../../../contract/run/findings';
import type { ColumnRemoval } from '../../../contract/plan/removal';
import { shortName, shortTableName } from '../../../contract/text/object-name';
import { hiddenColumn } from '../../../sql/hidden-name';
import { isCompared } from '../../../sql/saved-values/kept-by';
import { checkDependents, leftOver } from '../check-dependents';
import { checkRemovedAlong } from '../check-removed-along';
import { checkRolesToBecome } from '../check-roles-to-become';
import { checkRecoverable } from '../check-recoverable';

/** The removed column is there (or gone), the one that replaces it is there. */
export async function checkColumnIs(
  client: PostgresClient,
  removal: ColumnRemoval,
  dropped: boolean,
): Promise<Finding[]> {
  const { column } = removal;
  const columns = await findColumns(client, removal);
  if (columns === undefined) {
    return [
      finding(`table ${shortTableName(removal)}`, false, {
        expected: 'a table that this role may see',
        found: 'none',
        remedy: 'correct the plan or the settings: this is another database, or another schema',
      }),
    ];
  }
  const found = (name: string): string => (columns.includes(name) ? 'there' : 'not there');
  const isHidden = columns.includes(hiddenColumn(column));
  return [
    finding(`column ${shortName(removal)}`, columns.includes(column) !== dropped && !isHidden, {
      expected: dropped ? 'not there' : 'there',
      found: isHidden ? `hidden as ${hiddenColumn(column)}` : found(column),
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'someone has added it again: ask who, and why'
          : 'someone else has removed it: ask who',
    }),
    ...[removal].filter(isCompared).map(({ replacedBy }) =>
      finding(`column ${shortName({ ...removal, column: replacedBy })}`, columns.includes(replacedBy), {
        expected: 'there',
        found: found(replacedBy),
        remedy: 'the release that writes it has not been deployed, or the plan names another column',
      }),
    ),
  ];
}

/** Whether it can come back; and what leans on it. `beingRemoved`: all columns that go from its table. */
export async function checkColumn(
  client: PostgresClient,
  removal: ColumnRemoval,
  beingRemoved: readonly string[],
): Promise<Finding[]> {
  const capture = await captureColumn(client, removal, removal.column);
  if (capture === undefined) return [];
  return [
    // First what leans on it: the server changes no type under a view.
    ...(await checkDependents(client, removal, capture)),
    ...(await checkRecoverable(client, { removal, capture }, beingRemoved)),
    ...(await checkRemovedAlong(client, removal)),
    ...(await checkRolesToBecome(client, removal, removal.column)),
  ];
}
