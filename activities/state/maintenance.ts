import type { PostgresClient } from '../../adapters/postgres/postgres';
import { selectMaintenance, type OpenMaintenance } from '../../sql/maintenance';

/** The maintenance that a run has turned on here and that is not seen to be off yet. */
export async function openMaintenance(client: PostgresClient): Promise<OpenMaintenance | undefined> {
  return (await client.query<OpenMaintenance>(selectMaintenance)).rows[0];
}
