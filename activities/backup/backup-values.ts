import { pipeline } from 'node:stream/promises';
import { openPostgres } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withRestoredDump } from '../../adapters/dump/restored-dump';
import { permanent } from '../../contract/run/failures';
import { removalsOf } from '../../contract/plan/removals';
import {
  analyzed,
  createSavedValueTable,
  loadKeys,
  refuseUnproven,
  selectKeys,
} from '../../sql/saved-values/known-keys';
import type { BackupRecord } from './backup-folder';
import { dumpOf } from './dump-of';
import type { Session } from '../environment/session';
import { equalitiesOf } from '../state/equalities';

/**
 * Restores a backup into a throw-away server and streams its proven pairs of hash and key into a temporary table of
 * `client`'s session. The keys stand nowhere else: neither in memory as a whole, nor in a file, nor in a WAL.
 *
 * @throws `BackupNotProven` if the dump does not restore any more, or its identity is gone
 */
export async function loadBackupValues({ client, environment, signal }: Session, record: BackupRecord): Promise<void> {
  await client.query('set statement_timeout = 0'); // the whole copy is one statement; the signal is its limit
  const { receipt, plan } = record;
  const dump = await dumpOf(environment, record);
  const outcome = await withRestoredDump({ ...dump, signal }, async (connection) => {
    const restored = openPostgres({ ...connection, statementTimeoutMs: 0 });
    await restored.withClient(async (source) => {
      await useSystemNames(source);
      await runStatements(client, [createSavedValueTable]);
      const pairs = source.copyTo(selectKeys(plan, await equalitiesOf(source, removalsOf(plan))));
      await pipeline(pairs, client.copyFrom(loadKeys));
      await runStatements(client, refuseUnproven('rubicon_keys', plan));
      await client.query(analyzed('rubicon_keys'));
    }, signal);
  });
  if (outcome.restored) return;
  const found = outcome.differences.map(({ where, found: is }) => `${where}: ${is}`).join('; ');
  throw permanent('BackupNotProven', `expected backup ${receipt.id} to restore, found ${found}; use an earlier one`);
}
