import { readCheck, readPartition, readPartitioned } from '../../adapters/catalogue/partition';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { useSystemNames, withPlainNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { permanent } from '../../contract/run/failures';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { shortName, shortTableName } from '../../contract/text/object-name';
import { hasSameColumns, inheritedConstraints, type Catalogue } from '../../sql/captured-catalogue';
import { putConstraintOn } from '../../sql/checks';
import { boundCheck, forgetBound, noteCapturedBound } from '../../sql/partition-bound';
import { attachPartition } from '../schema-change/attach-partition';
import { namingBlockers } from '../schema-change/name-blockers';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import type { Captured } from '../catalogue/captured-columns';
import { restorable } from '../catalogue/compare-tables';
import type { PartitionDefinition } from '../catalogue/define-partition';
import { printedName } from '../catalogue/printed-name';
import type { Session } from '../environment/session';
import type { Dropped } from './dropped';

type Partition = Captured<PartitionDefinition>;

/** Whether a table that is there is ours, of an earlier attempt; since PostgreSQL 17 an attached one has identities from above. */
export async function isSamePartition(client: PostgresClient, { catalogue, ...name }: Partition): Promise<boolean> {
  const now = await snapshotOf(client, [name]);
  return hasSameColumns(withoutIdentities(catalogue ?? { objects: {} }), withoutIdentities(now));
}

const withoutIdentities = ({ objects }: Catalogue): Catalogue => ({
  objects: Object.fromEntries(
    Object.entries(objects).map(([object, { attidentity: _, ...facts }]) => [object, facts] as const),
  ),
});

/**
 * Its table is there, and no other partition has just its values.
 *
 * @throws `WrongState`; nothing was changed then
 */
export async function requirePlace(client: PostgresClient, capture: Partition): Promise<void> {
  const { of, bound } = capture;
  const expected = `expected room for ${shortName(capture)} in ${shortTableName(of)}`;
  const above = await withPlainNames(client, () => readPartitioned(client, of));
  if (above === undefined)
    throw permanent(
      'WrongState',
      `${expected}, found no such partitioned table; nothing was changed; make it again, or take the rows from the final copy by hand`,
    );
  const same = above.partitions.find((each) => each.bound === bound);
  if (same === undefined) return;
  throw permanent(
    'WrongState',
    `${expected}, found ${shortTableName(same)}, which has the same values (${bound}); nothing was changed; detach that one ` +
      `(its rows stay in it: write them into ${shortTableName(of)} afterwards), then answer "retry"`,
  );
}

/** `complete`: gives them all else that belongs to them. What is attached already is only completed. */
export async function attachAsCaptured(
  { client, signal }: Session,
  { plan, captured }: Dropped<'partition'>,
  complete: () => Promise<Finding[]>,
): Promise<Finding[]> {
  const win = <T>(capture: Partition, attempt: () => Promise<T>): Promise<T> =>
    acquireWithRetry(
      ddlOrder(plan, { what: `attaching ${shortTableName(capture)} again`, signal, oneSession: true }),
      attempt,
    );
  for (const capture of captured) await win(capture, () => makeAttachable(client, plan, capture));
  const findings = await complete();
  for (const capture of captured) {
    const refused = await win(capture, () => attachPartition(client, plan, { of: capture.of, partition: capture }));
    findings.push(isAttached(capture, refused));
    if (refused === undefined) await win(capture, () => forget(client, plan, capture));
  }
  return findings;
}

/** What the server wants of a table before it may be attached, each of it for new rows alone: the rows are asked afterwards. */
async function makeAttachable(client: PostgresClient, plan: Plan, captured: Partition): Promise<void> {
  if ((await readPartition(client, captured))?.of != null) return;
  const { catalogue } = await restorable(client, captured);
  const relation = await printedName(client, captured);
  const there = new Set(Object.keys((await snapshotOf(client, [captured])).objects));
  const missing = inheritedConstraints(catalogue ?? { objects: {} }, relation).filter(
    ({ object }) => !there.has(object),
  );
  const isNoted = (await readCheck(client, captured, boundCheck)) !== undefined;
  await namingBlockers(client, [captured], () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await useSystemNames(client);
      await runStatements(client, [
        ...missing.flatMap((constraint) => putConstraintOn(captured, constraint)),
        ...(isNoted ? [] : noteCapturedBound(captured, captured)),
      ]);
    }),
  );
}

const isAttached = (capture: Partition, refused: { found: string; remedy: string } | undefined): Finding =>
  finding(`partition ${shortName(capture)}`, refused === undefined, {
    expected: `attached to ${shortTableName(capture.of)} ${capture.bound}`,
    found: refused?.found ?? 'attached',
    remedy: refused?.remedy ?? '',
  });

const forget = (client: PostgresClient, plan: Plan, capture: Partition): Promise<void> =>
  namingBlockers(client, [capture], () =>
    withTransaction(client, ddlLimits(plan), () => runStatements(client, [forgetBound(capture)])),
  );
