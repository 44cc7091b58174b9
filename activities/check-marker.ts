import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { sqlstate } from '../adapters/sqlstate';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { readMarker } from '../sql/state';
import type { MarkerRow } from '../sql/state';
import type { Environment } from './environment';

/** What the database says of itself: the marker row of the schema `rubicon`. */
export async function checkMarker(client: PostgresClient, { name, target }: Environment): Promise<Finding[]> {
  const marker = await readMarkerRow(client);
  const expected = `a marker of ${name} of ${target}`;
  if (typeof marker === 'string') {
    const remedy = 'have a database administrator run what "rubicon doctor --install-sql" prints';
    return [finding('marker', false, { expected, found: marker, remedy })];
  }
  const remedy = `the settings of ${name} lead to another database; a copy of production says production until its row in rubicon.identity is corrected by hand`;
  const found = `a marker of ${marker.environment} of ${marker.target}`;
  return [finding('marker', marker.environment === name && marker.target === target, { expected, found, remedy })];
}

/** The row, or why there is none. */
async function readMarkerRow(client: PostgresClient): Promise<MarkerRow | string> {
  try {
    const { rows } = await client.query<MarkerRow>(readMarker);
    return rows[0] ?? 'an empty table rubicon.identity';
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    if (error.sqlstate === sqlstate.undefinedTable) return 'no schema "rubicon"';
    if (error.sqlstate === sqlstate.insufficientPrivilege) return 'no right to read rubicon.identity';
    throw error;
  }
}
