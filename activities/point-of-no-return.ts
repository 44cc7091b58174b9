import type { PostgresClient } from '../adapters/postgres';
import { readIdentity } from '../adapters/postgres-identity';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import { readMarker } from '../sql/state';
import type { MarkerRow } from '../sql/state';
import { countRows } from './count-rows';
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

/** @throws `WrongWorld` if a row would lose its owner: a mismatch, or a key without a hash */
export async function requireTolerableRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes' | 'proof'>,
  signal?: AbortSignal,
): Promise<void> {
  for (const removal of removalsOf(plan)) {
    const { table, replacedBy } = removal;
    const counts = await countRows(client, removal, plan, signal);
    if (counts.mismatch === 0 && counts.keyWithoutHash === 0) continue;
    throw permanent(
      'WrongWorld',
      `expected 0 rows in "${table}" with a wrong or missing ${replacedBy}, found ${counts.mismatch} wrong and ${counts.keyWithoutHash} missing; nothing was changed; run the hash back-fill, then answer "retry"`,
    );
  }
}
