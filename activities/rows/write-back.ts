import type { PostgresClient } from '../../adapters/postgres/postgres';
import { selectFiring, switchOff, switchOn, type Firing } from '../../sql/firing';
import { aroundChecks } from './around-checks';
import { aroundPlainStorage } from './around-plain-storage';

/**
 * Writes back what came from these rows, in the transaction that is open, after `set local session_replication_role` where
 * the role may: no trigger and no rule of the application takes it for a change, and neither a CHECK nor a storage refuses
 * it. Guards against an audit that tells of changes nobody has made, and against a rollback that can't end.
 *
 * @param relation quoted name of the table, or of the partition that is written
 */
export const writeBack = <T>(client: PostgresClient, relation: string, write: () => Promise<T>): Promise<T> =>
  quietly(client, relation, () => pastRefusals(client, relation, write));

/** The same where triggers and rules are to run, or are not there yet. */
export const pastRefusals = <T>(client: PostgresClient, relation: string, write: () => Promise<T>): Promise<T> =>
  aroundChecks(client, () => aroundPlainStorage(client, relation, write));

/** The same for what must pass the CHECKs. */
export async function quietly<T>(client: PostgresClient, relation: string, write: () => Promise<T>): Promise<T> {
  const { rows: firing } = await client.query<Firing>(selectFiring, [relation]);
  for (const each of firing) await client.query(switchOff(relation, each));
  const value = await write();
  if (firing.length > 0) await client.query('set constraints all immediate'); // no ALTER while a check of the server waits
  for (const each of firing) await client.query(switchOn(relation, each));
  return value;
}
