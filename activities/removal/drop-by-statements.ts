import type { DropReceipt } from '../../contract/run/receipts';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { dropStatements } from '../../sql/drop';
import { possibleRelations } from '../../sql/lock';
import { touchRow, turnDropped } from '../../sql/state';
import { allowDrop, refuseAborted } from '../decisions/rollout-decisions';
import { decidesAlone } from '../environment/environment';
import type { Session } from '../environment/session';
import { inDdlSession } from '../schema-change/exclusive-session';
import { lockAllTables } from '../schema-change/lock-tables';
import { namingBlockers } from '../schema-change/name-blockers';
import { runDdl } from '../schema-change/run-ddl';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { writeDroppedRecord } from '../catalogue/dropped-record';
import { dataState, readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';
import { requireTried } from '../state/trial';
import { dropStrategyOf } from './drop-strategy';
import { requireSeals } from './require-seals';
import { requireServing } from './require-serving';
import type { At, DropFooting, DropOrder, Footing } from './kinds/kind';

/** Without what says how often the lock was tried for. */
type Dropped = Omit<DropReceipt, 'attempts'>;

/** Gone, in one transaction with the state row; by a tool of the platform right after it. */
export async function dropByStatements(at: At, order: DropOrder, { drop }: Footing): Promise<DropReceipt> {
  const { environment, signal } = at;
  const { run, plan } = order;
  const { isDecided, after } = dropStrategyOf(plan);
  const ready = drop(at, order);
  return acquireWithRetry(ddlOrder(plan, { what: 'the drop', signal }), (attempt) =>
    inDdlSession(environment, { step: 'drop', workflowId: run.workflowId, plan, attempt }, async (client) => {
      const done = await alreadyDropped({ client, environment }, order);
      if (done !== undefined) return { ...done, attempts: attempt };
      const dropped = (await isDecided(client, run))
        ? await receiptOf(client, order)
        : await commitDrop(client, at, { order, footing: await ready() });
      await after(client, at, order);
      await client.query(touchRow, [run.workflowId, run.firstRun]).catch(() => undefined);
      return { ...dropped, attempts: attempt };
    }),
  );
}

/** What an earlier attempt has done, by the state row and the catalogue. */
async function alreadyDropped(
  { client, environment }: Omit<Session, 'signal'>,
  order: DropOrder,
): Promise<Dropped | undefined> {
  const { run, plan } = order;
  if ((await readRow(client, run))?.state !== 'dropped') return undefined;
  if ((await dataState({ client, environment }, plan, true)) !== 'dropped') return undefined;
  return (await dropStrategyOf(plan).isWhole(client, plan)) ? receiptOf(client, order) : undefined;
}

/** Of a drop that an earlier attempt has decided. */
async function receiptOf(client: PostgresClient, { run, plan }: DropOrder): Promise<Dropped> {
  const droppedAt = (await readRow(client, run))?.changedAt ?? new Date().toISOString();
  return { droppedAt, statements: textsOf(plan), heldMs: 0 };
}

const textsOf = (plan: Plan): string[] => dropStatements(plan).map(({ sql }) => sql);

async function commitDrop(
  client: PostgresClient,
  { deps, environment, signal }: At,
  { order, footing }: { order: DropOrder; footing: DropFooting },
): Promise<Dropped> {
  const { run, plan, planDigest } = order;
  await requireServing({ environment, signal }, plan);
  const { first, statements } = dropStrategyOf(plan);
  let heldSince = 0;
  const droppedAt = await namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await requireRightServer({ client, environment }, order.identity);
      await refuseAborted(client, order);
      await requireHidden({ client, environment }, plan);
      if (!decidesAlone(environment)) await requireTried(client, run, plan);
      await requireSeals({ client, environment }, order);
      await footing.compare(client);
      await allowDrop({ client, environment }, deps, order);
      // Rows first: for them nobody waits, and for the tables everybody does.
      await client.query(turnDropped, [run.workflowId, run.firstRun, planDigest]);
      const changedAt = (await readRow(client, run))?.changedAt;
      await writeDroppedRecord(client, run, { plan, captured: await footing.captured(client) });
      await runStatements(client, first(plan));
      await lockAllTables(client, plan, 'access exclusive');
      heldSince = performance.now();
      await footing.requireStill(client);
      // What is found by a condition was looked for before anybody had to wait: the freeze keeps the answer true.
      if (traitsOf(plan).isFoundBy === 'name') await requireHidden({ client, environment }, plan);
      await runDdl(client, 'drop', statements(plan));
      return changedAt ?? new Date().toISOString();
    }),
  );
  const rows = footing.rows();
  return {
    ...{ droppedAt, statements: textsOf(plan), heldMs: Math.round(performance.now() - heldSince) },
    ...(rows && { rows }),
  };
}

async function requireHidden(session: Omit<Session, 'signal'>, plan: Plan): Promise<void> {
  const data = await dataState(session, plan);
  if (data === 'hidden') return;
  const message = `expected ${wordFor(plan)} that were tried without (hidden), found them ${data}; nothing was changed`;
  throw permanent('WrongState', `${message}; answer "abort", and find out who has changed them`);
}
