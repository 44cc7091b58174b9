import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Run } from '../../contract/run/decisions';
import { toMs } from '../../contract/text/duration';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import { isOfThings, isRows, nameOfRemoval, removalsOf, wordFor } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { possibleTables } from '../../sql/lock';
import { unfreezeStatements } from '../../sql/freeze';
import { unhideStatements } from '../../sql/hide';
import { qualifiedName } from '../../sql/identifier';
import { hiddenTable } from '../../sql/hidden-name';
import type { Environment, FindEnvironment } from '../environment/environment';
import { inDdlSession } from '../schema-change/fence';
import { withHeartbeat } from '../environment/heartbeat';
import { hasHidden, rowsOf, showRows } from '../rows/move-rows';
import { lockAllTables } from '../schema-change/lock-tables';
import { placesOf } from '../state/look-at-world';
import { namingBlockers } from '../schema-change/name-blockers';
import { isFreezeOf, readFreeze, type Freeze } from '../state/read-freeze';
import { runDdl } from '../schema-change/run-ddl';
import { unhideThings } from './things';
import { ddlLimits, winLock } from '../schema-change/win-lock';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Gives columns or tables their names back, or moves rows back in batches, and ends the freeze in one short transaction.
 * Needs no decision: it is the safe direction. Guards against users who wait for somebody to decide. Sessions of our own
 * that read are ended first.
 *
 * Safe to run again, and whatever is there: what has its name stays as it is, and what another rollout has hidden, too.
 *
 * @throws `LockNotWon`
 */
export function createUnhide({ environment: find }: { environment: FindEnvironment }): PerformOfPlan<'unhide'> {
  return ({ run, plan }) => withHeartbeat((signal) => unhide(find(run.target), run, plan, signal));
}

/** Rows, before the tables are locked. What is left of a damaged freeze would refuse them. */
async function rowsBack(client: PostgresClient, plan: Plan, freeze: Freeze, signal: AbortSignal): Promise<string[]> {
  if (rowsOf(plan).length === 0) return [];
  if (freeze.state === 'partly')
    await withTransaction(client, ddlLimits(plan), () => runDdl(client, 'unhide', unfreezeStatements(plan)));
  return showRows(client, plan, freeze.state === 'whole' ? freeze.id : '', signal);
}

/** The same for other steps. Returns what was done, in words. */
export async function unhide(environment: Environment, run: Run, plan: Plan, signal: AbortSignal): Promise<string[]> {
  if (isOfThings(plan)) return unhideThings(environment, { run, plan }, signal);
  const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
  return winLock({ what: `putting the ${wordFor(plan)} back`, givesUpAfterMs, signal }, (attempt) =>
    inDdlSession(environment, { step: 'unhide', workflowId: run.workflowId, plan, attempt }, async (client) => {
      const freeze = await readFreeze(client, plan);
      const isOurs = freeze.state !== 'whole' || isFreezeOf(run, freeze.id);
      const dangling = isOurs ? await rowsBack(client, plan, freeze, signal) : [];
      const did = await namingBlockers(client, possibleTables(plan), () =>
        withTransaction(client, ddlLimits(plan), () => putNamesBack(client, run, plan)),
      );
      return [...did, ...dangling];
    }),
  );
}

async function putNamesBack(client: PostgresClient, run: Run, plan: Plan): Promise<string[]> {
  if ((await readFreeze(client, plan)).state === 'none' && (await hiddenOf(client, plan)).length === 0) return [];
  await lockAllTables(client, plan, 'access exclusive');
  const freeze = await readFreeze(client, plan);
  if (freeze.state === 'whole' && !isFreezeOf(run, freeze.id)) return [`left alone: frozen by "${freeze.id}"`];
  const removes = await hiddenOf(client, plan);
  for (const { schema, table } of rowsOf({ removes })) {
    const { rowCount } = await client.query(
      `select from ${qualifiedName({ schema, table: hiddenTable(table) })} limit 1`,
    );
    if (rowCount > 0) throw new PostgresError('expected all rows to be back, found hidden ones', undefined, 'retry');
  }
  await runDdl(client, 'unhide', [...unhideStatements({ removes }), ...unfreezeStatements(plan)]);
  return [
    ...(removes.length === 0
      ? []
      : [
          `${wordFor(plan)} ${wordFor(plan) === 'rows' ? 'are back' : 'have their names back'}: ${removes.map(nameOfRemoval).join(', ')}`,
        ]),
    ...(freeze.state === 'none' ? [] : ['freeze ended']),
  ];
}

const isOnlyHidden = async (client: PostgresClient, removal: DatabaseRemoval): Promise<boolean> => {
  const { isThere, isHidden } = await placesOf(client, removal);
  return isHidden && !isThere;
};

/** Those that are hidden and not there: somebody's hand may have left only some. */
async function hiddenOf(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Plan['removes']> {
  const hidden: Plan['removes'] = [];
  for (const each of plan.removes) {
    const [removal] = removalsOf({ removes: [each] });
    if (removal === undefined) continue;
    const isHidden = isRows(removal) ? await hasHidden(client, removal) : await isOnlyHidden(client, removal);
    if (isHidden) hidden.push(each);
  }
  return hidden;
}
