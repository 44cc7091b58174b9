import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findRolesToBecome, type RoleToBecome } from '../../adapters/dependents/roles-to-become';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName, type TableName } from '../../contract/text/object-name';
import { byStatements } from '../environment/remedies';

/**
 * Roles that a rollback would have to act as: owners of what is dropped, and whoever has passed a right on. A right that
 * somebody else gives again is another right: it no more ends when that role loses its own. And what belongs to a role that
 * can't be acted as is not made again at all.
 *
 * @param column without one: of the whole table
 */
export async function checkRolesToBecome(
  client: PostgresClient,
  table: TableName,
  column?: string,
): Promise<Finding[]> {
  const roles = await findRolesToBecome(client, table, column);
  return roles.map((each) => judge(each, shortName({ ...table, column })));
}

function judge({ role, owns, granted, isSuperuser, sql, handOver }: RoleToBecome, name: string): Finding {
  const isOwner = owns.length > 0;
  const facts = {
    check: `${isOwner ? 'owner' : 'grantor'} ${role} of ${name}`,
    expected: 'a role that the worker may act as (set role)',
    found: [
      ...(isOwner ? [`it may not, and ${listed(owns)} belongs to it: a rollback could not make that again`] : []),
      ...(granted.length > 0
        ? [
            `it may not, and ${role} has granted rights on ${listed(granted)}: a rollback would give them as the owner's`,
          ]
        : []),
    ].join('; '),
  };
  // Its membership would be that of a superuser: nobody should be told to give it away.
  if (isSuperuser && isOwner)
    return finding(facts.check, false, {
      ...facts,
      ...byStatements(handOver, `${role} is a superuser, whom the worker must not become`),
    });
  if (isSuperuser)
    return {
      ...{ ...facts, status: 'not covered' },
      remedy: `${role} is a superuser, whom the worker must not become: have the rights granted again by their owner, or take them to be the owner's after a rollback`,
    };
  const words = isOwner ? 'so that what it owns can be made again' : `so that its rights come back as ${role}'s`;
  return finding(facts.check, false, { ...facts, ...byStatements([sql], words) });
}

const listed = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
