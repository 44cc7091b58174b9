import type { PostgresClient } from '../adapters/postgres';
import { readIdentity } from '../adapters/postgres-identity';
import { permanent } from '../contract/failures';
import { readMarker } from '../sql/state';
import type { MarkerRow } from '../sql/state';
import type { Environment } from './environment';

/** What must still be so in the last moment, whatever preflight has found. */

/** @throws `WrongWorld` if the server is a standby, or its marker says that it is another environment or target */
export async function requireRightServer(client: PostgresClient, { name, target }: Environment): Promise<void> {
  const { primary } = await readIdentity(client);
  const { rows } = await client.query<MarkerRow>(readMarker);
  const marker = rows[0];
  const found = `${marker?.environment ?? 'no environment'} of ${marker?.target ?? 'no target'}${primary ? '' : ', a standby'}`;
  if (primary && marker?.environment === name && marker.target === target) return;
  throw permanent('WrongWorld', `expected the primary of ${name} of ${target}, found ${found}; nothing was changed`);
}
