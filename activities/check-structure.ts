import type { PostgresClient } from '../adapters/postgres';
import { captureColumn, findColumns } from '../adapters/postgres-catalogue';
import { findDependents } from '../adapters/postgres-dependents';
import type { Dependent } from '../adapters/postgres-dependents';
import { captureTables } from '../adapters/postgres-structure';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import type { Plan, Removal } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import { sentinelFits } from '../sql/fill';
import { hiddenColumn } from '../sql/hide';
import { parseColumnName, parseTableName } from '../sql/identifier';
import { withDatabase } from './database';
import type { Environment, FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';

/**
 * Looks at tables, columns, indexes, and at everything that leans on the columns that go. Guards against a drop that the
 * server refuses half-way through a rollout, that silently takes something with it, or that can't be taken back. Reads
 * only.
 */
export function createCheckStructure({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['checkStructure'] {
  return ({ target, dropped, removes, queries }) =>
    withHeartbeat((signal) =>
      withDatabase(
        find(target),
        'structure',
        async (client) => {
          const findings = dropped ? [] : checkScope(find(target), { removes });
          for (const removal of removalsOf({ removes })) {
            findings.push(...(await checkColumns(client, removal, dropped)));
            if (!dropped) findings.push(...(await checkDependents(client, removal)));
          }
          return [...findings, ...(await checkIndexes(client, queries))];
        },
        signal,
      ),
    );
}

/** What only a rollout of ours leaves behind, when nobody was left to put it back. */
const leftOver =
  'a rollout that has ended left it so: start the workflow "rollback" for that one (production), or run the statements ' +
  '"Put back" that "rubicon plan show" prints';

/** The removed column is there (or gone), the one that replaces it is there. */
export async function checkColumns(client: PostgresClient, removal: Removal, dropped: boolean): Promise<Finding[]> {
  const { table, column, replacedBy } = removal;
  const columns = await findColumns(client, removal);
  if (columns === undefined) {
    return [
      finding(`table ${nameOf(removal)}`, false, {
        expected: 'a table that this role may see',
        found: 'none',
        remedy: 'correct the plan or the settings: this is another database, or another schema',
      }),
    ];
  }
  const found = (name: string): string => (columns.includes(name) ? 'there' : 'not there');
  const isHidden = columns.includes(hiddenColumn(column));
  return [
    finding(`column ${table}.${column}`, columns.includes(column) !== dropped && !isHidden, {
      expected: dropped ? 'not there' : 'there',
      found: isHidden ? `hidden as ${hiddenColumn(column)}` : found(column),
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'somebody has added it again: ask who, and why'
          : 'somebody else has removed it: ask who',
    }),
    finding(`column ${table}.${replacedBy}`, columns.includes(replacedBy), {
      expected: 'there',
      found: found(replacedBy),
      remedy: 'the release that writes it has not been deployed, or the plan names another column',
    }),
  ];
}

/** A backup without the plan's tables is no way back. */
function checkScope({ backupTables }: Environment, plan: Pick<Plan, 'removes'>): Finding[] {
  if (backupTables === undefined) return [];
  const scope = backupTables.map(parseTableName).map(fullName);
  const names = removalsOf(plan).map(fullName);
  const missing = names.filter((name) => !scope.includes(name));
  const found = missing.length === 0 ? 'all of them' : `without ${[...new Set(missing)].join(', ')}`;
  const remedy = 'add them to backups.scope of the settings, or leave the scope out';
  const facts = { expected: "the plan's tables in the scope of the backup", found, remedy };
  return [finding('scope of the backup', missing.length === 0, facts)];
}

const fullName = ({ schema, table }: { schema: string; table: string }): string => `${schema}.${table}`;

/** What would be in the way of the drop, go with it, or fail after it; and whether there is a way back. */
async function checkDependents(client: PostgresClient, removal: Removal): Promise<Finding[]> {
  const { table, column } = removal;
  const capture = await captureColumn(client, removal, column);
  if (capture === undefined) return [];
  const ordinary = !capture.generated && capture.identity === null;
  const wayBack = finding(`way back of ${table}.${column}`, ordinary && sentinelFits(capture.type), {
    expected: 'an ordinary text column, which can be filled again',
    found: ordinary ? capture.type : 'a generated or identity column',
    remedy: 'such a column is beyond this plan: its rows could not be closed to strangers in a rollback',
    evidence: capture,
  });
  const leaning = (await findDependents(client, removal, column)).filter(({ effect }) => effect !== 'restored');
  const none = finding(`what leans on ${table}.${column}`, true, {
    expected: 'nothing but what is restored with it',
    found: 'nothing else',
    remedy: '',
  });
  return [wayBack, ...(leaning.length === 0 ? [none] : leaning.map((each) => leans(each, `${table}.${column}`)))];
}

const remedies: Record<Dependent['effect'], string> = {
  refuses: 'change or drop it in a migration of its own, then start the rollout again',
  breaks: 'change it so that it does without the column, then start the rollout again',
  vanishes: 'drop it by yourself if nobody needs it, or make it anew without the column, then start the rollout again',
  restored: '',
};

const leans = ({ kind, name, effect, why }: Dependent, column: string): Finding =>
  finding(`${kind} ${name}`, false, {
    expected: `nothing that leans on ${column}`,
    found: why,
    remedy: name.includes('rubicon_freeze_') ? leftOver : remedies[effect],
  });

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

const nameOf = ({ schema, table }: Removal): string => (schema === 'public' ? table : `${schema}.${table}`);
