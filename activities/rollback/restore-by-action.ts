import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { beginStatements } from '../../sql/write-guard';
import { migrateByAction } from '../actions/migrate-by-action';
import { decidesAlone } from '../environment/environment';
import type { Session } from '../environment/session';
import { lockAllTables } from '../schema-change/lock-tables';
import { ddlLimits } from '../schema-change/acquire-with-retry';
import { dataState, readRevisionOf } from '../state/observe-state';
import { isUsed } from './restore-decision';

interface ByAction {
  /** Verifies the decisions and uses them up. */
  allowed: () => Promise<void>;
  /** Verifies those that an earlier try has used. */
  again: () => Promise<void>;
}

/**
 * By the platform's tool: the decisions are used up before it, since its transaction is not ours. What it has built must
 * be the captured columns (the caller compares); rows that were written between it and the guard are found by the fill.
 */
export async function restoreByAction(
  session: Session,
  input: RestoreInput,
  { allowed, again }: ByAction,
): Promise<void> {
  const { client, environment, signal } = session;
  const { plan } = input;
  if (await isUsed(client, input)) await again();
  else await withTransaction(client, ddlLimits(plan), () => begin(session, plan, allowed));
  await migrateByAction(environment, {
    ...{ verb: 'restore', plan, revision: plan.revision?.from ?? '', signal },
    lacks: async () => {
      const [data, revision] = [await dataState(session, plan), await readRevisionOf(client, plan.revision)];
      if (data === 'present' && revision === plan.revision?.from) return undefined;
      return `the columns ${data} and revision ${revision ?? 'unknown'}`;
    },
  });
}

/** Staging's rehearsal has to go forward again whatever the tool makes of it: a mark says that it was told to build. */
async function begin(
  { client, environment }: Omit<Session, 'signal'>,
  plan: RestoreInput['plan'],
  allowed: () => Promise<void>,
): Promise<void> {
  await allowed();
  if (!decidesAlone(environment)) return;
  await lockAllTables(client, plan, 'share row exclusive');
  await runStatements(client, beginStatements(plan));
}
