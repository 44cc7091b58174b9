import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { captureIndex } from '../../../adapters/catalogue/index-capture';
import { findIndexRole, type IndexRole } from '../../../adapters/dependents/index-dependents';
import type { IndexRemoval } from '../../../contract/plan/removal';
import { finding, type Finding } from '../../../contract/run/findings';
import { shortName } from '../../../contract/text/object-name';
import { readableSize } from '../../../contract/text/plain-text';
import { verbsOf } from '../../../sql/kinds/kinds';
import { leftOver } from '../check-dependents';
import { checkIndexReads } from './check-index-reads';
import { beyondThisPlan, byOneOf, byStatements, mayBeHarmless, type Remedy } from '../../environment/remedies';

const named = ({ schema, index }: IndexRemoval): string => shortName({ schema, table: index });

/** The index is there, or gone; not hidden. */
export async function checkIndexIs(
  client: PostgresClient,
  removal: IndexRemoval,
  dropped: boolean,
): Promise<Finding[]> {
  const found = await captureIndex(client, removal);
  const hidden = verbsOf(removal).hidden(removal);
  const isHidden = (await captureIndex(client, hidden)) !== undefined;
  const shown =
    found && `there, ${readableSize(found.sizeBytes)} of ${shortName(found)}: ${found.index.definition.slice(0, 500)}`;
  return [
    finding(`index ${named(removal)}`, (found !== undefined) !== dropped && !isHidden, {
      expected: dropped ? 'not there' : 'there',
      found: isHidden ? `hidden as ${hidden.index}` : (shown ?? 'not there'),
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'someone has made it again: ask who, and why'
          : 'correct the plan or the settings, or ask who has removed it',
    }),
  ];
}

/** Whether it is no more than a quicker way to rows, and can be built again; and who uses it. */
export async function checkIndex(
  client: PostgresClient,
  removal: IndexRemoval,
  all: readonly IndexRemoval[],
): Promise<Finding[]> {
  const role = await findIndexRole(client, removal, all);
  if (role === undefined) return [];
  const name = named(removal);
  const against = obstaclesOf(role).map(({ found, ...remedy }) =>
    finding(`part of index ${name}`, false, { expected: onlyQuicker, found, ...remedy }),
  );
  const none = finding(`part of index ${name}`, true, { expected: onlyQuicker, found: soFound(role), remedy: '' });
  return [
    ...(against.length === 0 ? [none] : against),
    ...servesFindings(name, role),
    ...(await checkIndexReads(client, removal)),
  ];
}

const onlyQuicker = 'an index of an ordinary table that no rule and nothing else depends on';

const soFound = ({ sameRule }: IndexRole): string =>
  sameRule.length === 0 ? 'such a one' : `unique, and ${sameRule.join(', ')} holds the same rule`;

type Against = Remedy & { found: string };

/** What makes it more than that; what comes first explains what follows. */
function obstaclesOf(role: IndexRole): Against[] {
  const { name, table, constraint, partitioned, parent, tableKind, valid } = role;
  const { replicaIdentity, referencedBy, unique, sameRule } = role;
  if (constraint !== null)
    return [
      {
        found: `it carries out the ${constraint.kind} ${constraint.name}`,
        ...beyondThisPlan(`${constraint.name} is a constraint, and its index is dropped with it; leave it out here`),
      },
    ];
  if (partitioned || parent !== null)
    return [
      {
        found: partitioned ? 'it has a part in each partition' : `it is a part of ${parent ?? ''}`,
        ...beyondThisPlan('such an index goes, and is built, for all partitions at once, while no one can write them'),
      },
    ];
  if (tableKind !== 'r')
    return [{ found: 'its table is a materialized view', ...beyondThisPlan('drop it where the view is made') }];
  if (!valid)
    return [
      {
        found: 'it is invalid: its building has failed, and the server does not read it',
        ...byOneOf(`drop index concurrently ${name}`, `reindex index concurrently ${name}`),
      },
    ];
  return [
    ...(replicaIdentity
      ? [
          {
            found: 'logical replication finds rows by it',
            ...byStatements(
              [`alter table ${table} replica identity default`],
              'then it finds them by the primary key; without one, choose another unique index instead',
            ),
          },
        ]
      : []),
    ...(referencedBy.length > 0
      ? [
          {
            found: `${referencedBy.join(', ')} points at its columns`,
            ...beyondThisPlan('the server keeps it for that foreign key; remove that one first, if no one needs it'),
          },
        ]
      : []),
    ...(unique && sameRule.length === 0 ? [{ found: onlyRule, ...ofRule }] : []),
  ];
}

const onlyRule =
  'it is unique: without it rows that it refuses can be written, and "on conflict" that names its columns fails; a trial shows neither, since a hidden index still refuses them';

const ofRule = beyondThisPlan(
  'while such rows are there nothing brings the rule back; have another unique index of the same columns made first ("create unique index concurrently"), or give the rule up in a migration of its own',
);

/** Only people know how often rows are deleted, or their keys changed, in the table that it points at. */
const servesFindings = (name: string, { serves }: IndexRole): Finding[] =>
  serves.map((key) =>
    finding(`foreign key ${key} without index ${name}`, 'possible', {
      expected: 'another index that begins with its columns',
      found: 'none: each row that is deleted in the table it points at, or gets another key, then reads this one whole',
      ...mayBeHarmless({ remedy: 'leave the index out of the plan' }),
    }),
  );
