import type { PostgresClient } from '../../adapters/postgres/postgres';
import { openPostgres, type PostgresSettings } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf } from '../../contract/plan/removals';
import { countUnfilled } from '../../sql/fill';
import { createSavedValueTable, learnKeys } from '../../sql/saved-values/known-keys';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { loadGrammar } from '../../sql/statements/grammar';
import { fillColumns } from '../rollback/fill-columns';
import { takePlaceholdersBack } from '../removal/take-placeholders-back';

/**
 * Rows that the new release has written have no value: a rollback gives them that of their owner, or closes them by an unusable
 * placeholder where nobody knows it. That is meant, and no difference; so the copy is brought there before it is
 * looked at, by the functions of a rollback, and placeholders are nothing before and after.
 *
 * As the worker, since functions of the database run by it.
 *
 * @returns rows that lose nothing by a rollback, since they have nothing: their owner's value is in no row
 */
export async function giveRowsTheirValue(worker: PostgresSettings, plan: Plan, signal: AbortSignal): Promise<number> {
  const removals = replacedOf(removalsOf(plan));
  const work = async (client: PostgresClient): Promise<number> => {
    let open = 0;
    for (const removal of removals) {
      const { rows } = await client.query<{ count: number }>(countUnfilled(removal));
      open += rows[0]?.count ?? 0;
    }
    if (open === 0) return 0;
    await runStatements(client, [createSavedValueTable, ...learnKeys(plan)]);
    await fillColumns({ client, signal }, plan);
    return takePlaceholdersBack({ client, signal }, plan, onACopy);
  };
  if (removals.length === 0 || plan.proof === undefined) return 0;
  await loadGrammar();
  return openPostgres(worker).withClient(work, signal);
}

/** After the way was walked: what it has closed is nothing, as before. */
export async function forgetPlaceholders(worker: PostgresSettings, plan: Plan, signal: AbortSignal): Promise<void> {
  if (replacedOf(removalsOf(plan)).length === 0) return;
  await openPostgres(worker).withClient((client) => takePlaceholdersBack({ client, signal }, plan, onACopy), signal);
}

/** Nothing real is changed. */
const onACopy = (): Promise<void> => Promise.resolve();
