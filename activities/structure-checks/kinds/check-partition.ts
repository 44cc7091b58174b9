import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { readRoleName } from '../../../adapters/server/role-name';
import {
  findSwitchedTriggers,
  readPartition,
  readPartitioned,
  type PartitionedFacts,
  type PartitionFacts,
} from '../../../adapters/catalogue/partition';
import { finding, type Finding } from '../../../contract/run/findings';
import { shortName, shortTableName, writtenShort } from '../../../contract/text/object-name';
import type { PartitionRemoval } from '../../../contract/plan/removal';
import { hiddenTable } from '../../../sql/hidden-name';
import { qualifiedName } from '../../../sql/identifier';
import { finalize } from '../../../sql/partition-bound';
import { leftOver } from '../check-dependents';
import { checkInvalidIndexes } from '../check-invalid-indexes';
import { checkOwnership } from '../../server-checks/check-ownership';
import { checkRolesToBecome } from '../check-roles-to-become';
import { checkPrimaryKey, checkTableDependents } from './check-table';
import { beyondThisPlan, byOneOf, byStatements, type Remedy } from '../../environment/remedies';

/** It is attached to the table that the plan says, or gone; not hidden. */
export async function checkPartitionIs(
  client: PostgresClient,
  removal: PartitionRemoval,
  dropped: boolean,
): Promise<Finding[]> {
  const { schema, table } = removal;
  const hidden = hiddenTable(table);
  const isHidden = (await readPartition(client, { schema, table: hidden })) !== undefined;
  const found = await readPartition(client, removal);
  const isOfIt = found?.of != null && qualifiedName(found.of) === qualifiedName(removal.of);
  const isRight = dropped ? found === undefined : isOfIt && !found.isDetachPending;
  return [
    finding(`partition ${shortName(removal)}`, isRight && !isHidden, {
      expected: dropped ? 'not there' : `a partition of ${shortTableName(removal.of)}`,
      found: isHidden ? `hidden as ${hidden}` : placeOf(found),
      ...(isHidden ? { remedy: leftOver } : notRight(removal, found, dropped)),
    }),
  ];
}

function placeOf(found: PartitionFacts | undefined): string {
  if (found === undefined) return 'not there';
  if (found.of === null) return 'a table of its own';
  return `a partition of ${shortTableName(found.of)}${found.isDetachPending ? ', half detached' : ''}`;
}

function notRight(removal: PartitionRemoval, found: PartitionFacts | undefined, dropped: boolean): Remedy {
  if (dropped) return { remedy: 'someone has made it again: ask who, and why' };
  if (found?.isDetachPending === true) return byOneOf(finalize(removal.of, removal).sql);
  if (found?.of != null) return { remedy: `write into the plan: of: ${writtenShort(found.of)}` };
  if (found !== undefined) return { remedy: 'a table of its own is removed by "table" in place of "partition"' };
  return { remedy: 'correct the plan or the settings, or ask who has removed it' };
}

/** Whether it can be detached and come back; what leans on it; and what becomes of rows of its values. */
export async function checkPartition(
  client: PostgresClient,
  removal: PartitionRemoval,
  beingRemoved: readonly PartitionRemoval[],
): Promise<Finding[]> {
  const found = await readPartition(client, removal);
  const above = await readPartitioned(client, removal.of);
  if (found?.of == null || above === undefined) return []; // told already
  return [
    checkForm(removal, found, above),
    await checkPrimaryKey(client, removal),
    ...(await checkOwnership(client, removal.of, await readRoleName(client))),
    ...(await checkInvalidIndexes(client, removal)),
    ...(await checkRolesToBecome(client, removal)),
    ...(await checkTriggers(client, removal)),
    // What it is a part of is what the plan is about.
    ...(await checkTableDependents(client, removal, {
      beingRemoved,
      isMeant: ({ kind }) => kind === 'partition',
    })),
    laterRows(removal, found, above),
  ];
}

/** A single piece of a range or a list, with rows of its own. */
function checkForm(removal: PartitionRemoval, { kind, bound }: PartitionFacts, { by }: PartitionedFacts): Finding {
  const check = `form of partition ${shortName(removal)}`;
  const expected = 'a table with rows, for values of a range or a list';
  const [found, remedy] =
    kind === 'foreign table'
      ? ['a table of another server', 'its rows are not in this database: detach it by hand']
      : kind === 'partitioned table'
        ? [
            'a table that has partitions itself',
            'name its partitions one by one, and remove it by hand when it is empty',
          ]
        : bound === 'DEFAULT'
          ? ['the default partition, of all values that no other one takes', 'remove rows of it by "table" and "where"']
          : by === 'hash'
            ? [
                'a piece by hash: rows of any value would find no place without it',
                'remove rows by "table" and "where", table by table',
              ]
            : [bound ?? '', ''];
  return finding(check, remedy === '', { expected, found, ...beyondThisPlan(remedy) });
}

/** Attaching makes them anew, as they are above. */
async function checkTriggers(client: PostgresClient, removal: PartitionRemoval): Promise<Finding[]> {
  const switched = await findSwitchedTriggers(client, removal);
  return switched.map(({ name, above }) =>
    finding(`trigger ${name} of ${shortName(removal)}`, false, {
      expected: `switched as on ${shortTableName(removal.of)}, from which it is made again when the partition comes back`,
      found: 'switched otherwise',
      ...byStatements(
        [`alter table ${qualifiedName(removal)} ${switchedAs[above] ?? 'enable'} trigger ${name}`],
        'it runs for this partition as it does for the others then',
      ),
    }),
  );
}

const switchedAs: Record<string, string> = { O: 'enable', D: 'disable', R: 'enable replica', A: 'enable always' };

/** Told to whoever approves: it stops nothing. */
function laterRows(removal: PartitionRemoval, { bound }: PartitionFacts, { others }: PartitionedFacts): Finding {
  const rows = `rows of ${shortTableName(removal.of)} ${bound ?? ''}`;
  return {
    check: `later rows of ${shortName(removal)}`,
    status: 'not covered',
    expected: 'no more rows of its values, neither new nor changed ones',
    ...(others === null
      ? {
          found: `from the freeze on, ${rows} will be refused: there is no default partition`,
          remedy: 'nothing to do, unless someone still writes such rows: then this partition is not an old one',
        }
      : {
          found: `from the freeze on they are refused; once it is detached, ${rows} go into ${shortTableName(others)}`,
          remedy: `nothing to do, unless someone still writes such rows: before it could come back, they would have to leave ${shortTableName(others)}`,
        }),
  };
}
