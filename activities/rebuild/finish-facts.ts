import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { differences } from '../../adapters/catalogue/catalogue-differences';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { CatalogueSnapshot, SnapshotTarget } from '../../adapters/catalogue/catalogue-snapshot';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { shortTableName } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import { ownConstraints } from '../../sql/captured-catalogue';
import { putConstraintOn } from '../../sql/checks';
import { factStatements, indexColumnStatements } from '../../sql/rebuild-facts';
import type { Session } from '../environment/session';
import { namingBlockers } from '../schema-change/name-blockers';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { printedName } from '../catalogue/printed-name';
import { restoreRights } from './restore-rights';

/** Something that is built again, and what the catalogue said of it. */
interface Built {
  target: SnapshotTarget;
  before: CatalogueSnapshot;
  /** Of its table; empty where that is built again itself. */
  owner: string;
}

/**
 * What follows after the rows and does not stand in a definition: CHECKs, comments, labels, statistics and their targets,
 * rights. By what is not as it was, so what is there is left alone; one transaction.
 */
export async function finishFacts(
  { client, signal }: Omit<Session, 'environment'>,
  plan: Plan,
  { target, before, owner }: Built,
): Promise<void> {
  const { schema, table } = target;
  const what = `the restoration of ${shortTableName({ schema, table })}`;
  await acquireWithRetry(ddlOrder(plan, { what, signal, oneSession: true }), async () => {
    const now = await snapshotOf(client, [target]);
    const differing = differences(before, now);
    if (differing.length === 0 || now.major !== before.major) return;
    const relation = await printedName(client, target);
    const there = new Set(Object.keys(now.objects));
    const constraints = kindsAfterTheRows(target)
      .flatMap((kind) => ownConstraints(before, relation, kind))
      .filter(({ object }) => !there.has(object));
    await namingBlockers(client, [target], () =>
      withTransaction(client, { ...ddlLimits(plan), statementTimeoutMs: 3_600_000 }, async () => {
        await useSystemNames(client);
        await runStatements(client, [
          ...constraints.flatMap((constraint) => putConstraintOn(target, constraint)),
          ...factStatements(differing),
          ...indexColumnStatements(before.objects, differing),
        ]);
        await restoreRights(client, { before, now }, owner);
      }),
    );
  });
}

/** A whole table gets its foreign keys with its other definitions, and has its NOT NULL from the start. */
const kindsAfterTheRows = ({ column }: SnapshotTarget): ('c' | 'n' | 'f')[] =>
  column === undefined ? ['c'] : ['c', 'n', 'f'];
