import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { walkPages, type PageRange, type PageWalk } from '../../adapters/rows/pages';
import { withSession } from '../environment/database';
import type { Session } from '../environment/session';

/**
 * On a throw-away copy two sessions fill, since nobody is there who would be disturbed, and a proof waits for it. What the
 * second one is refused stays as it is for the first one's next walk: so there is one place that mends and that judges, and
 * no two sessions that change a definition at the same time.
 *
 * @param ready gives the second session what the first one knows
 * @param work without a second session in a real environment, and where the server gives none (a role's connection limit)
 */
export async function withSecondSession<T>(
  session: Omit<Session, 'client'>,
  ready: (second: PostgresClient) => Promise<unknown>,
  work: (second?: PostgresClient) => Promise<T>,
): Promise<T> {
  if (session.environment.copy === undefined) return work();
  let isReady = false;
  try {
    return await withSession(session, 'second fill', async ({ client: second }) => {
      await ready(second);
      isReady = true;
      return work(second);
    });
  } catch (error) {
    if (isReady || !(error instanceof PostgresError)) throw error;
    return work();
  }
}

/** What one session does with a range; returns the number of rows. */
type OnRange = (range: PageRange) => Promise<number>;

/** What was done, and whether the second session is of use for another walk. */
interface Walked {
  rows: number;
  isSecondRefused: boolean;
}

/** {@link walkPages} by one session or two, each range by whoever comes to it first. */
export async function walkTogether(
  pages: PageWalk,
  first: { client: PostgresClient; onRange: OnRange },
  second?: { client: PostgresClient; onRange: OnRange },
): Promise<Walked> {
  const taken = new Set<string>();
  const walked: Walked = { rows: 0, isSecondRefused: false };
  let isOver = false;
  const walk = ({ client, onRange }: typeof first): Promise<void> =>
    walkPages(client, pages, async (range) => {
      const name = `${range.relation} ${range.from}`;
      if (isOver || taken.has(name)) return;
      taken.add(name);
      const rows = await onRange(range);
      walked.rows += rows;
    });
  const beside = second && walk(second).catch((error: unknown) => leave(error, walked));
  beside?.catch(() => undefined); // it is thrown below: until then nobody has asked for it
  try {
    await walk(first);
  } catch (error) {
    isOver = true;
    await beside?.catch(() => undefined); // nothing of ours goes on behind an error, and the first one wins
    throw error;
  }
  await beside;
  return walked;
}

/** Whoever walks next finds these rows as they were, with the same error if it is one. */
function leave(error: unknown, walked: Walked): void {
  if (!(error instanceof PostgresError)) throw error;
  walked.isSecondRefused = true;
}
