import type { PostgresClient } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import type { Plan } from '../../contract/plan/plan';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { isKeptByRow } from '../../contract/plan/removals';
import { countUnfilled } from '../../sql/fill';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { createSavedValueTable } from '../../sql/saved-values/known-keys';
import { countPlaceholders } from '../../sql/saved-values/placeholder-statements';
import { servingRelease } from '../actions/serving';
import type { Environment } from '../environment/environment';
import type { ThrottledSession } from '../schema-change/throttle';
import { fillColumns } from './fill-columns';
import { gatherValues } from './gather-values';
import type { Dropped } from '../rebuild/dropped';
import type { Refilled, RefillInput } from './kinds/kind';
import { renewOwners } from '../new-keys/renew-owners';
import { withSecondSession } from './second-session';

/** The value of each row for which it is known; elsewhere, where another column stands for it, a placeholder. */
export async function refillColumns(
  session: ThrottledSession,
  input: RefillInput,
  { plan, removals }: Dropped<'column'>,
): Promise<Refilled> {
  const { client, environment, throttle } = session;
  const renewed = input.newKeys && (await renewOwners(session, input));
  const told = renewed === undefined ? {} : { renewed };
  const overwrite = await maySetAnew(environment, plan);
  if (!overwrite && (await sumOf(client, removals, (removal) => countUnfilled(removal, 1))) === 0)
    return { filled: 0, placeholders: 0, ...told };
  // People wait: rows that have changed since need what follows from them, and no old value.
  const isDerived = input.inMaintenance === true && plan.proof !== undefined && isKeptByRow(plan);
  const learn = async (learning: PostgresClient): Promise<void> => {
    await useSystemNames(learning);
    if (isDerived) await runStatements(learning, [createSavedValueTable]);
    else await gatherValues({ ...session, client: learning }, input);
    await learning.query('reset search_path'); // triggers of the application expect their own
  };
  let learned: Promise<void> | undefined;
  const learnOnce = (): Promise<void> => (learned ??= learn(client));
  const ready = async (second: PostgresClient): Promise<void> => {
    await second.query('set statement_timeout = 0');
    const [outcome] = await Promise.allSettled([learn(second), learnOnce()]);
    if (outcome.status === 'rejected') throw outcome.reason;
  };
  const fill = async (second?: PostgresClient): Promise<number> => {
    await learnOnce();
    return fillColumns(session, plan, { throttle, overwrite, second });
  };
  const filled = await withSecondSession(session, ready, fill);
  const throttledMs = throttle.waitedMs();
  const placeholders = await sumOf(client, replacedOf(removals), countPlaceholders);
  return { filled, placeholders, ...told, ...(throttledMs > 0 && { throttledMs }) };
}

/** Whether a value that does not fit its replacement any more is out of date, instead of just written by the old release. */
export const maySetAnew = async (environment: Environment, { removes, proof, release }: Plan): Promise<boolean> =>
  proof !== undefined && isKeptByRow({ removes }) && (await servingRelease(environment, release)) === release.to;

/** Of all tables of the plan. */
async function sumOf<Kind extends ColumnRemoval>(
  client: PostgresClient,
  removals: readonly Kind[],
  countIn: (removal: Kind) => string,
): Promise<number> {
  let sum = 0;
  for (const removal of removals) {
    const { rows } = await client.query<{ count: number }>(countIn(removal));
    sum += rows[0]?.count ?? 0;
  }
  return sum;
}
