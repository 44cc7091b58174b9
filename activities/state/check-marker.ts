import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { ownTables } from '../../sql/install';
import { readMarker, selectMissingTables } from '../../sql/state';
import type { MarkerRow } from '../../sql/state';
import type { Session } from '../environment/session';
import { lookAtTable } from '../environment/look-at-table';

/** What the database says of itself: the marker row of the schema `rubicon`. */
export async function checkMarker({ client, environment }: Omit<Session, 'signal'>): Promise<Finding> {
  const { name, target } = environment;
  const expected = `a marker of ${name} of ${target}`;
  const look = await lookAtTable<MarkerRow>(client, readMarker);
  const marker = 'rows' in look ? look.rows[0] : undefined;
  if (marker === undefined) {
    const found = `rubicon.identity: ${'because' in look ? look.because : 'no row'}`;
    const remedy = 'have a database administrator run what "npx rubicon doctor --install-sql" prints';
    return finding('marker', false, { expected, found, remedy });
  }
  const { rows: missing } = await client.query<{ name: string }>(selectMissingTables, [ownTables]);
  if (missing.length > 0) {
    const found = `a schema "rubicon" without ${missing.map(({ name }) => name).join(', ')}, of an earlier version`;
    const remedy =
      'have a database administrator run what "npx rubicon doctor --install-sql" prints once more: nothing is lost';
    return finding('marker', false, { expected, found, remedy });
  }
  const found = `a marker of ${marker.environment} of ${marker.target}`;
  const remedy = `the settings of ${name} lead to another database; a copy of production says production until its row in rubicon.identity is corrected by hand`;
  return finding('marker', marker.environment === name && marker.target === target, { expected, found, remedy });
}
