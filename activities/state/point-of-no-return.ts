import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readIdentity } from '../../adapters/server/identity';
import type { DatabaseIdentity } from '../../adapters/server/identity';
import { isOpenFor, nextOpening, restricts, type ChangeCalendar } from '../../contract/plan/change-calendar';
import { permanent } from '../../contract/run/failures';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import type { ServerIdentity } from '../../contract/run/observed-state';
import { readMarker } from '../../sql/state';
import type { MarkerRow } from '../../sql/state';
import type { Session } from '../environment/session';

/** What must still be so in the last moment, whatever preflight has found. */

/**
 * The primary, by its marker that of this environment, and, where the caller knows it, the very server and database that
 * preflight saw: a copy has the same marker.
 *
 * @throws `WrongState` with what is different
 */
export async function requireRightServer(
  { client, environment }: Omit<Session, 'signal'>,
  seen?: ServerIdentity,
): Promise<void> {
  const { name, target } = environment;
  const now = await readIdentity(client);
  const { rows } = await client.query<MarkerRow>(readMarker);
  const marker = rows[0];
  if (!now.primary || marker?.environment !== name || marker.target !== target) {
    const standby = now.primary ? '' : ', a standby';
    const found = `${marker?.environment ?? 'no environment'} of ${marker?.target ?? 'no target'}${standby}`;
    throw permanent(
      'WrongState',
      `expected the primary of ${name} of ${target}, found ${found}; nothing was changed; correct the URL in the settings; on a copy have a database administrator correct rubicon.identity`,
    );
  }
  const other = seen === undefined ? [] : differences(seen, now);
  if (other.length === 0) return;
  throw permanent(
    'WrongState',
    `expected the server that preflight saw, found ${other.join(', ')}; nothing was changed; correct the settings' URL; ` +
      'after a failover answer "abort" and start the rollout again: backup and evidence are of the server before it',
  );
}

/**
 * In a change window of the policy and in none of its freezes, by the clock of the database, with so much of it left as is needed.
 *
 * @throws `WrongState` with the next opening
 */
export async function requireOpenWindow(
  client: PostgresClient,
  calendar: ChangeCalendar,
  needsMs: number,
): Promise<void> {
  if (!restricts(calendar)) return;
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  const now = rows[0]?.now;
  if (now === undefined) throw permanent('WrongState', 'expected the time of the database, found none');
  if (isOpenFor(calendar, now, needsMs)) return;
  const opensAt = nextOpening(calendar, now, needsMs)?.toISOString();
  const next = opensAt === undefined ? 'none opens' : `the next one opens at ${readableInstant(opensAt)}`;
  throw permanent(
    'WrongState',
    `expected an open change window with ${readableDuration(needsMs)} left for the monitor, found that ${next}; nothing was changed; answer "retry" then, or "abort"`,
  );
}

function differences(seen: ServerIdentity, now: DatabaseIdentity): string[] {
  const fields = { systemIdentifier: 'system identifier', databaseOid: 'database', timeline: 'timeline' } as const;
  return (Object.keys(fields) as (keyof typeof fields)[])
    .filter((field) => now[field] !== seen[field])
    .map((field) => `${fields[field]} ${now[field] ?? 'not readable'} instead of ${seen[field]}`);
}
