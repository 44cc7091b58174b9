import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findLongTransactions } from '../../adapters/server/sessions';
import type { SessionFacts } from '../../adapters/server/sessions';
import { readRoleName } from '../../adapters/server/role-name';
import { readableDuration } from '../../contract/text/duration';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { byStatements } from '../environment/remedies';

/** What would keep the drop from its lock. */
export async function checkTransactions(client: PostgresClient, limitMs: number): Promise<Finding[]> {
  const { sessions, prepared, hiddenCount } = await findLongTransactions(client, limitMs);
  // Without a user it is the server's own work (autovacuum), which gives way.
  const long = sessions.filter(({ user }) => user !== null);
  const limit = readableDuration(limitMs);
  return [
    finding('long transactions', long.length > 0 ? false : hiddenCount > 0 ? 'unknown' : true, {
      expected: `none above ${limit}`,
      found:
        long.length > 0
          ? long.slice(0, 5).map(sessionLine).join('; ')
          : hiddenCount > 0
            ? `${hiddenCount} sessions that this role may not see`
            : 'none',
      ...(long.length > 0
        ? { remedy: 'wait for their end or end them; the drop would wait behind them' }
        : byStatements([`grant pg_read_all_stats to ${await readRoleName(client)}`], '')),
    }),
    finding('prepared transactions', prepared.length === 0, {
      expected: `none above ${limit}`,
      found:
        prepared.length === 0 ? 'none' : `${prepared.length}, the oldest ${readableDuration(prepared[0]?.ageMs ?? 0)}`,
      remedy: 'commit or roll them back: they keep their locks for ever',
    }),
  ];
}

const sessionLine = ({ pid, user, application, transactionAgeMs }: SessionFacts): string =>
  `pid ${pid} of ${user ?? '?'} (${application ?? '?'}) for ${readableDuration(transactionAgeMs ?? 0)}`;
