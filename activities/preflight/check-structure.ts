import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn, findColumns } from '../../adapters/catalogue/catalogue';
import { captureTables } from '../../adapters/catalogue/structure';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { goingFrom, isColumn, isOfThings, isRows, removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { ColumnRemoval, Removal } from '../../contract/plan/removals';
import { hiddenColumn } from '../../sql/hide';
import { parseColumnName, shortName, shortTableName } from '../../contract/text/object-name';
import { isCompared } from '../../sql/saved-values/kept-by';
import { scopeOfBackup } from '../backup/backup-scope';
import { checkDependents, leftOver } from './check-dependents';
import { checkRows, checkRowsAre } from './check-rows';
import { checkTable, checkTableIs } from './check-table';
import { checkWayBack } from './check-way-back';
import { checkGoingAlong } from './check-going-along';
import { checkRolesToBecome } from './check-roles-to-become';
import { withDatabase } from '../environment/database';
import type { Environment, FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { checkFitness } from './check-fitness';
import { checkThings } from '../state/thing-state';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Looks at tables, columns, indexes, and at everything that leans on the columns that go. Guards against a drop that the
 * server refuses half-way through a rollout, that silently takes something with it, or that can't be taken back. Reads
 * only.
 */
export function createCheckStructure({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'checkStructure'> {
  return ({ target, dropped, removes, queries, byAction }) =>
    withHeartbeat((signal) =>
      withDatabase(
        find(target),
        'structure',
        async (client) => {
          if (isOfThings({ removes }))
            return checkThings(find(target), { removes, byAction }, dropped ? 'dropped' : 'present');
          const findings = dropped ? [] : checkScope(find(target), { removes });
          const removals = removalsOf({ removes });
          for (const removal of removals) {
            findings.push(...(await checkIs(client, removal, dropped)));
            if (!dropped) findings.push(...(await checkGoing(client, removal, removals)));
          }
          if (!dropped) findings.push(...(await checkFitness(client, removals)));
          return [...findings, ...(await checkIndexes(client, queries))];
        },
        signal,
      ),
    );
}

/** What goes is there (or gone), and what stays is there. */
export const checkIs = (client: PostgresClient, removal: Removal, dropped: boolean): Promise<Finding[]> =>
  isRows(removal)
    ? checkRowsAre(client, removal, dropped)
    : isColumn(removal)
      ? checkColumns(client, removal, dropped)
      : checkTableIs(client, removal, dropped);

/** Whether it can come back; and what leans on it. */
const checkGoing = (client: PostgresClient, removal: Removal, removals: readonly Removal[]): Promise<Finding[]> =>
  isRows(removal)
    ? checkRows(client, removal, removals)
    : isColumn(removal)
      ? checkColumn(client, removal, goingFrom(removal, removals.filter(isColumn)))
      : checkTable(client, removal, removals);

/** The removed column is there (or gone), the one that replaces it is there. */
async function checkColumns(client: PostgresClient, removal: ColumnRemoval, dropped: boolean): Promise<Finding[]> {
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
          ? 'somebody has added it again: ask who, and why'
          : 'somebody else has removed it: ask who',
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

/** A backup without the plan's tables is no way back. */
function checkScope(environment: Environment, plan: Pick<Plan, 'removes' | 'revision'>): Finding[] {
  const { tables, missing } = scopeOfBackup(environment, plan);
  if (tables === undefined) return [];
  const found = missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`;
  const remedy = 'add them to backups.scope of the settings, or leave the scope out';
  const facts = { expected: "the plan's tables in the scope of the backup", found, remedy };
  return [finding('scope of the backup', missing.length === 0, facts)];
}

async function checkColumn(
  client: PostgresClient,
  removal: ColumnRemoval,
  going: readonly string[],
): Promise<Finding[]> {
  const capture = await captureColumn(client, removal, removal.column);
  if (capture === undefined) return [];
  return [
    // First what leans on it: the server changes no type under a view.
    ...(await checkDependents(client, removal, capture)),
    ...(await checkWayBack(client, removal, capture, going)),
    ...(await checkGoingAlong(client, removal)),
    ...(await checkRolesToBecome(client, removal, removal.column)),
  ];
}

/** The indexes that the plan's queries need are there and valid. */
export async function checkIndexes(client: PostgresClient, queries: Plan['queries']): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { index, sample } of queries) {
    const [table] = await captureTables(client, [parseColumnName(sample)]);
    const found = table?.indexes.find(({ name }) => name === index);
    findings.push(
      finding(`index ${index}`, found?.valid === true, {
        expected: 'there and valid',
        found: found === undefined ? 'not there' : found.valid ? 'there and valid' : 'invalid',
        remedy: 'create it concurrently; drop an invalid one first',
        ...(found && { evidence: found }),
      }),
    );
  }
  return findings;
}
