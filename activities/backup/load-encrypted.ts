import { finished } from 'node:stream/promises';
import { decryptWhole } from '../../adapters/encryption/encrypted-file';
import type { PostgresClient } from '../../adapters/postgres/postgres';

/**
 * Decrypts a file into a table of the session, as it comes: it stands nowhere else in clear. `copy` is a `copy … from
 * stdin`. What was loaded counts only when this has ended without an error.
 *
 * @throws `NotDecrypted`
 */
export async function loadEncrypted(
  client: PostgresClient,
  copy: string,
  encrypted: { file: string; identityFile: string },
): Promise<void> {
  const into = client.copyFrom(copy);
  const taken = finished(into);
  taken.catch(() => undefined); // told below; meanwhile nobody waits for it
  await decryptWhole(encrypted, into);
  into.end();
  await taken;
}
