import type { PostgresClient } from '../adapters/postgres';
import { countClasses } from '../adapters/postgres-classes';
import { readIdentity } from '../adapters/postgres-identity';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import { proofSql } from '../sql/proof';
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

/** @throws `WrongWorld` if a row would lose its owner: a mismatch, or a key without a hash */
export async function requireTolerableRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes' | 'proof'>,
): Promise<void> {
  for (const { schema, table, column, replacedBy } of removalsOf(plan)) {
    const proof = proofSql(plan.proof, { removed: column, replacement: replacedBy });
    const counts = await countClasses(client, { schema, table, removed: column, replacement: replacedBy, proof });
    if (counts.mismatch === 0 && counts.keyWithoutHash === 0) continue;
    throw permanent(
      'WrongWorld',
      `expected 0 rows in "${table}" with a wrong or missing ${replacedBy}, found ${counts.mismatch} wrong and ${counts.keyWithoutHash} missing; nothing was changed; run the hash back-fill, then answer "retry"`,
    );
  }
}
