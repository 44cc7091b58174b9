import type { PerformOfPlan } from '../statements/of-known-plan';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureTables } from '../../adapters/catalogue/structure';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf, traitsOf } from '../../contract/plan/removals';
import { parseColumnName } from '../../contract/text/object-name';
import { scopeOfBackup } from '../backup/backup-scope';
import { withSession } from '../environment/database';
import type { Environment, FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { checkExternal } from '../state/external-state';
import { checkFitness } from './check-fitness';
import { checksOf } from './kinds/kinds';

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
      withSession({ environment: find(target), signal }, 'structure', async ({ client }) => {
        if (!traitsOf({ removes }).isInDatabase)
          return checkExternal(find(target), { removes, byAction }, dropped ? 'dropped' : 'present');
        const findings = dropped ? [] : checkScope(find(target), { removes });
        const removals = removalsOf({ removes });
        for (const removal of removals) {
          const { is, fits } = checksOf(removal);
          findings.push(...(await is(client, removal, dropped)));
          if (!dropped) findings.push(...(await fits(client, removal, removals)));
        }
        if (!dropped) findings.push(...(await checkFitness(client, removals)));
        return [...findings, ...(await checkIndexes(client, queries))];
      }),
    );
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
