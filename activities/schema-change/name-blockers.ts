import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { findLockable } from '../../adapters/catalogue/lockable';
import { findBlockers } from '../../adapters/server/sessions';
import type { SessionFacts } from '../../adapters/server/sessions';
import { readableDuration } from '../../contract/text/duration';

/**
 * Runs DDL; when it does not win its lock, the error names who is in the way: pid, user, application, age. Never a
 * statement, since it can hold values.
 */
export async function namingBlockers<T>(
  client: PostgresClient,
  relations: readonly { schema: string; table: string }[],
  ddl: () => Promise<T>,
): Promise<T> {
  try {
    return await ddl();
  } catch (error) {
    if (!(error instanceof PostgresError) || error.reaction !== 'retry') throw error;
    const blockers = await findLockable(client, relations).then(
      (tables) => findBlockers(client, tables),
      () => [],
    );
    if (blockers.length === 0) throw error;
    const named = blockers.slice(0, 5).map(nameOf).join(', ');
    throw new PostgresError(`${error.message}; in the way: ${named}`, {
      sqlstate: error.sqlstate,
      reaction: error.reaction,
    });
  }
}

const nameOf = ({ pid, user, application, state, transactionAgeMs }: SessionFacts): string =>
  `pid ${pid} of ${user ?? '?'} (${application ?? '?'}, ${state ?? '?'}, for ${readableDuration(transactionAgeMs ?? 0)})`;
