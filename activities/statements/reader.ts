import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { goneColumns } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import { hiddenColumn } from '../../sql/hidden-name';
import { quoteIdentifier } from '../../sql/identifier';
import { readerOf } from '../../sql/reader';

type Named = Pick<Plan, 'name' | 'removes'>;

/** For the rest of the transaction, where there is such a role and this one may become it. */
export async function useReader(client: PostgresClient, { name }: Named): Promise<void> {
  if ((await standingOf(client, readerOf(name))) === 'usable')
    await client.query(`set local role ${quoteIdentifier(readerOf(name))}`);
}

/** Whether the server itself keeps statements of the plan from what goes; without that the look through them has to. */
export async function checkReader(client: PostgresClient, plan: Named): Promise<Finding> {
  const reader = readerOf(plan.name);
  const standing = await standingOf(client, reader);
  const readable = standing === 'usable' ? await readableBy(client, reader, plan) : [];
  const check = 'role of the statements of the plan';
  const expected = `a role ${reader} that this one may become, and that may not read what is removed`;
  if (standing === 'usable' && readable.length === 0) return { check, status: 'passed', expected, found: reader };
  const found = standing === 'usable' ? `it may read ${readable.join(', ')}` : standing;
  const remedy = `have a database administrator run what "npx rubicon doctor --install-sql … --plan" prints for this plan; without it they run with the rights of the worker, and what was looked through alone keeps them from what is removed`;
  return { check, status: 'not covered', expected, found, remedy };
}

async function standingOf(
  client: PostgresClient,
  reader: string,
): Promise<'usable' | 'none' | 'no right to become it'> {
  // Since PostgreSQL 16 a member may be kept from becoming the role.
  const { rows } = await client.query<{ may: boolean }>(
    `select pg_has_role(oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as may
       from pg_roles where rolname = $1`,
    [reader],
  );
  const [found] = rows;
  return found === undefined ? 'none' : found.may ? 'usable' : 'no right to become it';
}

async function readableBy(client: PostgresClient, reader: string, plan: Named): Promise<string[]> {
  const columns = goneColumns(removalsOf(plan)).flatMap(({ column, ...of }) =>
    [column, hiddenColumn(column)].map((each) => ({ ...of, column: each })),
  );
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', c.relname, a.attname) as name
       from unnest($2::text[], $3::text[], $4::text[]) as t(schema, "table", "column")
       join pg_namespace n on n.nspname = t.schema join pg_class c on c.relnamespace = n.oid and c.relname = t."table"
       join pg_attribute a on a.attrelid = c.oid and a.attname = t."column" and not a.attisdropped
      where has_column_privilege($1, c.oid, a.attnum, 'select') order by 1`,
    [reader, ...(['schema', 'table', 'column'] as const).map((part) => columns.map((each) => each[part]))],
  );
  return rows.map(({ name }) => name);
}
