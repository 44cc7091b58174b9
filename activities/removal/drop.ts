import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withPositions } from '../../adapters/catalogue/table-sequences';
import { withTransaction } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import { shortName } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import { isOfThings, wordFor } from '../../contract/plan/removals';
import { possibleTables } from '../../sql/lock';
import type { DropReceipt } from '../../contract/run/receipts';
import { dropStatements, handOverStatements, revisionStatements, takeAwayStatements } from '../../sql/drop';
import { touchRow, turnDropped } from '../../sql/state';
import { requireCopy, type CopyRecord } from '../backup/copy-folder';
import { writeDroppedRecord } from '../state/dropped-record';
import type { Environment } from '../environment/environment';
import { inDdlSession } from '../schema-change/fence';
import { withHeartbeat } from '../environment/heartbeat';
import { requireFreeze } from './hide';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState, readRevisionOf, readRow } from '../state/look-at-world';
import { migrateByAction } from '../actions/migrate-by-action';
import { namingBlockers } from '../schema-change/name-blockers';
import { requireRightServer } from '../state/point-of-no-return';
import { requireProven, requireRehearsed } from '../backup/proven-backup';
import { requireSameAsCopied, requireUnchanged, type SeenSame } from './same-as-copied';
import {
  allowAfterDrop,
  allowDrop,
  refuseAborted,
  requireApprovedPlan,
  type RolloutDeps,
} from '../approval/rollout-decisions';
import { runDdl } from '../schema-change/run-ddl';
import { dropThings } from './things';
import { ddlLimits, winLock } from '../schema-change/win-lock';
import { isSameCapture, isTableDefinition } from '../state/captured-columns';
import type { Capture } from '../state/captured-columns';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

type Order = OfKnownPlan<'drop'>;

/**
 * Point-of-no-return check, DDL, revision and state row in one transaction. Guards against everything that can't be
 * taken back: a drop without valid decisions, twice, after an abort, on another server, without a proven backup, without
 * a final copy of all there is, of columns that nobody has tried to do without.
 *
 * Safe to run again: the state row turns from `open` to `dropped` in the transaction of the DDL, so a second run finds
 * it and changes nothing; a backend that a dead worker left behind is ended before anything is done. Only the lock is
 * tried for in here, with a short `lock_timeout` each, since everybody else waits behind a waiting ALTER.
 *
 * Where the plan leaves the drop to the platform, the same transaction gives the columns back their names and turns the
 * state row, and its tool follows at once: from then on nothing but a rollback leads back, and a retry runs the tool again
 * until the catalogue is as wanted.
 */
export function createDrop(deps: RolloutDeps): PerformOfPlan<'drop'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      requireApprovedPlan(order);
      const { run, plan } = order;
      if (isOfThings(plan)) return dropThings(deps, environment, order, signal);
      const ready = onceAMinute(() => requireFiles(environment, order, signal));
      const seen: { same?: SeenSame } = {};
      const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
      return winLock({ what: 'the drop', givesUpAfterMs, signal }, (attempts) =>
        inDdlSession(
          environment,
          { step: 'drop', workflowId: run.workflowId, plan, attempt: attempts },
          async (client) => {
            const done = await alreadyDropped(client, environment, order);
            if (done !== undefined) return { ...done, attempts };
            const committed = await isCommitted(client, order);
            const dropped =
              committed ?? (await commitDrop(client, deps, environment, { ...order, ...(await ready()) }, seen));
            if (plan.byAction?.drop !== undefined) await migrate(client, deps, environment, order, signal);
            await client.query(touchRow, [run.workflowId, run.firstRun]).catch(() => undefined);
            return { ...dropped, attempts };
          },
        ),
      );
    });
}

/**
 * Backup and final copy are there, proven and unchanged, and have seen the same columns: a rollback makes them as the
 * backup knows them. Returns these, and the freeze after which the copy was taken.
 */
async function requireFiles(
  environment: Environment,
  { plan, backup, copy, planDigest }: Order,
  signal: AbortSignal,
): Promise<{ record: CopyRecord; captured: Capture[] }> {
  const record = await requireCopy(environment, copy ?? 'none', planDigest, signal);
  const { captured: frozen } = record;
  if (environment.copy !== undefined) return { record, captured: frozen }; // it has no backup of its own
  const { captured } = await requireProven(environment, backup ?? 'none', planDigest, signal);
  await requireRehearsed(environment, backup ?? 'none');
  const changed = frozen.filter((one, index) => !isSameCapture(one, captured[index]));
  if (changed.length === 0 && frozen.length === captured.length) return { record, captured: frozen };
  const names = changed.map(shortName).join(', ');
  throw permanent(
    'WrongWorld',
    `expected ${wordFor(plan)} as the backup has captured them, found that ${names || 'they'} changed since (type, index, right or comment); ` +
      'nothing was changed; answer "abort" and start again: a new backup is needed',
  );
}

/** Reading a large dump can take minutes, and an attempt that waits for its lock takes a fraction of a second. */
function onceAMinute<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { at: number; seen: T } | undefined;
  return async () => {
    if (last === undefined || performance.now() - last.at >= 60_000)
      last = { seen: await look(), at: performance.now() };
    return last.seen;
  };
}

/** What an earlier attempt has done, by the state row and the catalogue. */
async function alreadyDropped(
  client: PostgresClient,
  environment: Environment,
  { run, plan }: Order,
): Promise<Omit<DropReceipt, 'attempts'> | undefined> {
  const row = await readRow(client, run);
  if (row?.state !== 'dropped' || (await dataState(client, plan, environment, true)) !== 'dropped') return undefined;
  // The platform's tool has a transaction, or two, of its own.
  const isWhole =
    plan.byAction?.drop === undefined || (await readRevisionOf(client, plan.revision)) === plan.revision?.to;
  if (!isWhole) return undefined;
  return { droppedAt: row.changedAt, statements: textsOf(plan), heldMs: 0 };
}

/** Where the platform changes the schema: what an attempt has decided that did not come as far as its tool. */
async function isCommitted(
  client: PostgresClient,
  { run, plan }: Order,
): Promise<Omit<DropReceipt, 'attempts'> | undefined> {
  if (plan.byAction?.drop === undefined) return undefined;
  const row = await readRow(client, run);
  return row?.state === 'dropped' ? { droppedAt: row.changedAt, statements: textsOf(plan), heldMs: 0 } : undefined;
}

/** Before each run of the tool it is looked whether it may: meanwhile a rollback can have begun. */
const migrate = (
  client: PostgresClient,
  deps: RolloutDeps,
  environment: Environment,
  order: Order,
  signal: AbortSignal,
): Promise<void> =>
  migrateByAction(environment, {
    ...{ verb: 'drop', plan: order.plan, revision: order.plan.revision?.to ?? '', signal },
    lacks: async () => {
      const { plan } = order;
      await allowAfterDrop(client, deps, environment, order);
      const [data, revision] = [
        await dataState(client, plan, environment),
        await readRevisionOf(client, plan.revision),
      ];
      if (data === 'dropped' && revision === plan.revision?.to) return undefined;
      return `the columns ${data} and revision ${revision ?? 'unknown'}`;
    },
  });

const textsOf = (plan: Plan): string[] => dropStatements(plan).map(({ sql }) => sql);

async function commitDrop(
  client: PostgresClient,
  deps: RolloutDeps,
  environment: Environment,
  order: Order & { record: CopyRecord; captured: Capture[] },
  seen: { same?: SeenSame },
): Promise<Omit<DropReceipt, 'attempts'>> {
  const { run, plan, planDigest, record, captured } = order;
  let heldSince = 0;
  const droppedAt = await namingBlockers(client, possibleTables(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await requireRightServer(client, environment, order.identity);
      await refuseAborted(client, order);
      await requireHidden(client, environment, plan);
      const same = (seen.same = await requireSameAsCopied(client, environment, plan, record, seen.same));
      await allowDrop(client, deps, environment, order);
      // Rows first: for them nobody waits, and for the tables everybody does.
      await client.query(turnDropped, [run.workflowId, run.firstRun, planDigest]);
      const changedAt = (await readRow(client, run))?.changedAt;
      await writeDroppedRecord(client, run, { plan, captured: await goingOn(client, captured) });
      const isOurs = plan.byAction?.drop === undefined;
      if (isOurs) await runStatements(client, revisionStatements(plan));
      await lockAllTables(client, plan, 'access exclusive');
      heldSince = performance.now();
      await requireFreeze(client, order, record.receipt.freeze);
      await requireUnchanged(client, plan, same);
      // Rows were looked for before anybody had to wait: the freeze keeps the answer true.
      if (wordFor(plan) !== 'rows') await requireHidden(client, environment, plan);
      await runDdl(client, 'drop', isOurs ? takeAwayStatements(plan) : handOverStatements(plan));
      return changedAt ?? new Date().toISOString();
    }),
  );
  const { copied, goes: dropped } = seen.same?.compared ?? { copied: Number.NaN, goes: Number.NaN };
  return {
    ...{ droppedAt, statements: textsOf(plan), heldMs: Math.round(performance.now() - heldSince) },
    rows: { copied, dropped },
  };
}

/** A sequence can go on although its table takes no row any more: what counts is where it is when it goes. */
async function goingOn(client: PostgresClient, captured: readonly Capture[]): Promise<Capture[]> {
  const now: Capture[] = [];
  for (const each of captured)
    now.push(isTableDefinition(each) ? { ...each, sequences: await withPositions(client, each.sequences) } : each);
  return now;
}

async function requireHidden(client: PostgresClient, environment: Environment, plan: Plan): Promise<void> {
  const data = await dataState(client, plan, environment);
  if (data === 'hidden') return;
  const message = `expected ${wordFor(plan)} that were tried without (hidden), found them ${data}; nothing was changed`;
  throw permanent('WrongWorld', `${message}; answer "abort", and look who has changed them`);
}
