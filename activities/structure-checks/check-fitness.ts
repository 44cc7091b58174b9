import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Finding } from '../../contract/run/findings';
import { hasValues, type DatabaseRemoval } from '../../contract/plan/removal';
import { placeOf } from '../../contract/plan/places';
import { qualifiedName } from '../../sql/identifier';
import { checkEncoding } from './check-encoding';
import { checkEvaluatedFunctions } from './check-evaluated-functions';
import { checkEventTriggers } from './check-event-triggers';
import { checkExtensionMembers } from './check-extension-members';
import { checkPublications } from './check-publications';
import { checkStoredLengths } from './check-stored-lengths';
import { checksOf } from './kinds/kinds';

/** Whether a plan can take something out of these tables, and give it back: what does not depend on the single column. */
export async function checkFitness(client: PostgresClient, removals: readonly DatabaseRemoval[]): Promise<Finding[]> {
  const findings: Finding[] = [...(await checkEventTriggers(client)), ...(await checkEvaluatedFunctions(client))];
  for (const removal of oncePerTable(removals)) {
    findings.push(
      ...(await checkExtensionMembers(client, placeOf(removal))),
      ...(await checksOf(removal).tableFits(client, removal, removals)),
    );
  }
  const withValues = removals.filter(hasValues);
  if (withValues.length === 0) return findings; // none is dumped, copied or replicated otherwise
  return [
    ...findings,
    ...(await checkPublications(client, withValues)),
    ...(await checkEncoding(client, oncePerTable(withValues))),
    ...(await checkStoredLengths(client)),
  ];
}

const oncePerTable = <R extends DatabaseRemoval>(removals: readonly R[]): R[] => [
  ...new Map(removals.map((removal) => [qualifiedName(placeOf(removal)), removal])).values(),
];
