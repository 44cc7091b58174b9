import type { OutOfUseInput } from '../../contract/activities/effect-inputs';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { traits } from '../../contract/plan/kinds';
import type { Plan } from '../../contract/plan/plan';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import { nameOfRemoval, removalsOf, wordFor } from '../../contract/plan/removals';
import { unfreezeStatements } from '../../sql/freeze';
import { unhideStatements } from '../../sql/hide';
import { possibleRelations } from '../../sql/lock';
import type { Session } from '../environment/session';
import { inDdlSession } from '../schema-change/exclusive-session';
import { lockForNames } from '../schema-change/lock-tables';
import { namingBlockers } from '../schema-change/name-blockers';
import { runDdl } from '../schema-change/run-ddl';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { isHidden, placesOf } from '../state/observe-state';
import { isFreezeOf, readFreeze } from '../state/read-freeze';
import { noteOpened } from '../state/trial';
import type { Moves } from './kinds/kind';

type Of = Pick<OutOfUseInput, 'run' | 'plan'>;

/** Whatever of it is hidden by this run, or by nobody's freeze. */
export async function unhideByStatements(
  { environment, signal }: Omit<Session, 'client'>,
  { run, plan }: Of,
  moves: Moves,
): Promise<string[]> {
  return acquireWithRetry(ddlOrder(plan, { what: `putting the ${wordFor(plan)} back`, signal }), (attempt) =>
    inDdlSession(environment, { step: 'unhide', workflowId: run.workflowId, plan, attempt }, async (client) => {
      const freeze = await readFreeze(client, plan);
      const isOurs = freeze.state !== 'whole' || isFreezeOf(run, freeze.id);
      const dangling = isOurs ? await moves.moveBack({ client, environment, signal }, plan, freeze) : [];
      const did = await namingBlockers(client, possibleRelations(plan), () =>
        withTransaction(client, ddlLimits(plan), () => putNamesBack(client, { run, plan }, moves)),
      );
      return [...did, ...dangling];
    }),
  );
}

async function putNamesBack(
  client: PostgresClient,
  { run, plan }: Of,
  { requireMovedBack, isBack }: Moves,
): Promise<string[]> {
  if ((await readFreeze(client, plan)).state === 'none' && (await hiddenOf(client, plan)).length === 0) return [];
  await lockForNames(client, plan);
  const freeze = await readFreeze(client, plan);
  if (freeze.state === 'whole' && !isFreezeOf(run, freeze.id)) return [`left alone: frozen by "${freeze.id}"`];
  const removes = await hiddenOf(client, plan);
  await noteOpened(client, run);
  await requireMovedBack(client, { removes });
  await runDdl(client, 'unhide', [...unhideStatements({ removes }), ...unfreezeStatements(plan)]);
  return [
    ...(removes.length === 0 ? [] : [`${wordFor(plan)} ${isBack}: ${removes.map(nameOfRemoval).join(', ')}`]),
    ...(freeze.state === 'none' ? [] : ['freeze ended']),
  ];
}

/** Those that are hidden and not there: somebody's hand may have left only some. Of what is hidden step by step a part may be back. */
async function hiddenOf(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Plan['removes']> {
  const hidden: Plan['removes'] = [];
  for (const each of plan.removes)
    for (const removal of removalsOf({ removes: [each] })) if (await isOnlyHidden(client, removal)) hidden.push(each);
  return hidden;
}

async function isOnlyHidden(client: PostgresClient, removal: DatabaseRemoval): Promise<boolean> {
  if (!(await isHidden(client, removal))) return false;
  return traits[removal.kind].hides !== 'at once' || !(await placesOf(client, removal)).isThere;
}
