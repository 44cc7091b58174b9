import { readPartition } from '../../../adapters/catalogue/partition';
import { failPoint } from '../../../adapters/programs/fail-point';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { PostgresError } from '../../../adapters/postgres/postgres-error';
import { runStatements } from '../../../adapters/postgres/statements';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { permanent } from '../../../contract/run/failures';
import { shortName } from '../../../contract/text/object-name';
import type { Plan } from '../../../contract/plan/plan';
import { placeOf } from '../../../contract/plan/places';
import type { PartitionRemoval } from '../../../contract/plan/removal';
import { removalsOfKind } from '../../../contract/plan/removals';
import { verbsOf } from '../../../sql/kinds/kinds';
import { validateBound } from '../../../sql/partition-bound';
import type { Session } from '../../environment/session';
import { attachPartition } from '../../schema-change/attach-partition';
import { detachPartition, finishDetaching } from '../../schema-change/detach-partition';
import { isHidden } from '../../state/observe-state';
import { onCopy } from '../on-copy';
import { byStatements } from './by-statements';
import type { Moves } from './kind';
import { goingOn } from './table';
import { besideReadersLockMs } from '../../schema-change/acquire-with-retry';

/** Under the name that hides it. */
const hiddenPlace = (removal: PartitionRemoval) => placeOf(verbsOf(removal).hidden(removal));

/** Nothing of a partition is detached that could not be attached again without reading it. */
async function detachAll({ client }: Session, plan: Plan): Promise<void> {
  for (const removal of removalsOfKind(plan, 'partition')) {
    const partition = hiddenPlace(removal);
    const facts = await readPartition(client, partition);
    if (facts?.of != null && !facts.isDetachPending)
      // begun once it was validated
      await withTransaction(client, { lockTimeoutMs: besideReadersLockMs, statementTimeoutMs: validationMs }, () =>
        runStatements(client, [validateBound(partition)]),
      );
    await failPoint('detach: before');
    await detachPartition(client, plan, { of: removal.of, partition });
    await failPoint('detach: after');
  }
}

/** A large table is read, while others read and write it. */
const validationMs = 6 * 3_600_000;

/** Before it has its name back. @throws `WrongState` for what was written meanwhile for its values */
async function attachAll({ client }: Session, plan: Plan): Promise<string[]> {
  for (const removal of removalsOfKind(plan, 'partition')) {
    if (!(await isHidden(client, removal))) continue;
    const partition = hiddenPlace(removal);
    await finishDetaching(client, removal.of, partition);
    const refused = await attachPartition(client, plan, { of: removal.of, partition });
    if (refused === undefined) continue;
    const { found, remedy } = refused;
    throw permanent(
      'WrongState',
      `expected that ${shortName(removal)} can be attached again, found ${found}; ${remedy}`,
    );
  }
  return [];
}

async function requireAttached(client: PostgresClient, hidden: Pick<Plan, 'removes'>): Promise<void> {
  for (const removal of removalsOfKind(hidden, 'partition')) {
    const facts = await readPartition(client, hiddenPlace(removal));
    if (facts?.of == null || facts.isDetachPending)
      throw new PostgresError(`expected ${shortName(removal)} to be attached, found it detached`, {
        reaction: 'retry',
      });
  }
}

const moves: Moves = {
  moveOut: detachAll,
  moveBack: attachAll,
  requireMovedBack: requireAttached,
  isBack: 'are attached again',
};

export const partition = byStatements(moves, onCopy(moves, goingOn));
