import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readValidChecks, type ValidCheck } from '../../adapters/catalogue/valid-checks';
import type { RowsRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteLiteral } from '../../sql/identifier';
import { hiddenTable } from '../../sql/hidden-name';

/**
 * The CHECKs that held for every row before the first hidden one came back: noted in a comment on the table that they come
 * from, which goes when all are back. So whoever comes again after a crash still knows what was valid.
 */
export async function noteValidChecks(
  client: PostgresClient,
  { schema, table }: Pick<RowsRemoval, 'schema' | 'table'>,
): Promise<ValidCheck[]> {
  const hidden = qualifiedName({ schema, table: hiddenTable(table) });
  const { rows } = await client.query<{ note: string | null }>(
    `select obj_description($1::regclass, 'pg_class') as note`,
    [hidden],
  );
  const note = rows[0]?.note ?? '';
  if (note.startsWith(start)) return JSON.parse(note.slice(start.length)) as ValidCheck[];
  const valid = await readValidChecks(client, { schema, table });
  await client.query(`comment on table ${hidden} is ${quoteLiteral(start + JSON.stringify(valid))}`);
  return valid;
}

const start = 'valid before the first row came back: ';
