import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Finding } from '../../contract/run/findings';
import { goingFrom, isColumn } from '../../contract/plan/removals';
import type { Removal } from '../../contract/plan/removals';
import { qualifiedName } from '../../sql/identifier';
import { checkColumnRoom } from './check-column-room';
import { checkEncoding } from './check-encoding';
import { checkEvaluatedFunctions } from './check-evaluated-functions';
import { checkEventTriggers } from './check-event-triggers';
import { checkExtensionMembers } from './check-extension-members';
import { checkPublications } from './check-publications';
import { checkStoredLengths } from './check-stored-lengths';
import { checkWildcards } from './check-wildcards';

/** Whether a plan can take something out of these tables, and give it back: what does not depend on the single column. */
export async function checkFitness(client: PostgresClient, removals: readonly Removal[]): Promise<Finding[]> {
  const findings: Finding[] = [...(await checkEventTriggers(client)), ...(await checkEvaluatedFunctions(client))];
  for (const removal of oncePerTable(removals)) {
    findings.push(...(await checkExtensionMembers(client, removal)));
    const going = isColumn(removal) ? goingFrom(removal, removals.filter(isColumn)) : [];
    if (!isColumn(removal)) continue;
    findings.push(
      ...(await checkColumnRoom(client, removal, going.length)),
      ...(await checkWildcards(client, removal)),
    );
  }
  return [
    ...findings,
    ...(await checkPublications(client, removals)),
    ...(await checkEncoding(client, oncePerTable(removals))),
    ...(await checkStoredLengths(client)),
  ];
}

const oncePerTable = (removals: readonly Removal[]): Removal[] => [
  ...new Map(removals.map((removal) => [qualifiedName(removal), removal])).values(),
];
