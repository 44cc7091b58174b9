import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findRowsLongerThanAPage, rowBytes } from '../../adapters/rows/longer-than-a-page';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { counted, thousands, visible } from '../../contract/text/plain-text';
import { byStatements } from '../environment/remedies';

/**
 * Rows, of any table, that `pg_restore` can't bring back: longer than a page, in columns of storage `plain`. Guards against
 * a backup that can't be restored, and is refused by its proof hours later without a way out.
 */
export async function checkStoredLengths(client: PostgresClient): Promise<Finding[]> {
  const found = await findRowsLongerThanAPage(client);
  return found.map(({ table, columns, rows, alter }) =>
    finding(`stored lengths of ${visible(table)}`, false, {
      expected: `rows that fit into a page, since ${visible(columns.join(', '))} may be stored nowhere else (storage plain): ${thousands(rowBytes)} bytes`,
      found: `${counted(rows, 'longer one')}, written before that was chosen: no backup of them can be restored`,
      ...byStatements([alter], 'changes no row, and lets later values be stored apart again'),
    }),
  );
}
