import type { PerformOfPlan } from '../statements/of-known-plan';
import { finding } from '../../contract/run/findings';
import { removalsOf, traitsOf } from '../../contract/plan/removals';
import { checkIndexes } from '../structure-checks/check-structure';
import { checksOf } from '../structure-checks/kinds/kinds';
import { withSession } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { readRevisionOf } from '../state/observe-state';
import { checkExternal } from '../state/external-state';

/**
 * The schema after the drop: columns or tables gone, what replaces them still there with its indexes, revision as planned.
 * Guards against a change that is recorded but not there, or the other way round. Reads only.
 */
export function createVerifyDropped({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'verifyDropped'> {
  return ({ target, removes, revision, queries, byAction }) =>
    withHeartbeat((signal) =>
      withSession({ environment: find(target), signal }, 'verify', async ({ client }) => {
        const findings = traitsOf({ removes }).isInDatabase
          ? []
          : await checkExternal(find(target), { removes, byAction }, 'dropped');
        for (const removal of removalsOf({ removes }))
          findings.push(...(await checksOf(removal).is(client, removal, true)));
        findings.push(...(await checkIndexes(client, queries)));
        if (revision === undefined) return findings;
        const found = await readRevisionOf(client, revision);
        const remedy = `${revision.table} must have the one row ${revision.to}: find out who has changed it`;
        const facts = { expected: revision.to, found: found ?? 'not one row', remedy };
        return [...findings, finding('revision', found === revision.to, facts)];
      }),
    );
}
