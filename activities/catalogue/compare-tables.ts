import type { PostgresClient } from '../../adapters/postgres/postgres';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { TableDefinition } from '../../adapters/catalogue/table-definition';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import { hasSameColumns, withoutRolesThatAreGone } from '../../sql/captured-catalogue';
import { asValid, withoutRoles } from '../../sql/table-script';
import { defineTable } from './define-table';
import type { Captured } from './captured-columns';
import { compareCatalogue } from './compare-catalogue';
import { readRoles } from './read-roles';
import type { Session } from '../environment/session';

/** Whether a table that came back is the one that went. */

/** Without what names roles that are gone: their rights must not stop a rollback. */
export async function restorable(
  client: PostgresClient,
  definition: Captured<TableDefinition>,
): Promise<Captured<TableDefinition>> {
  const { rows } = await client.query<{ name: string }>('select quote_ident(rolname) as name from pg_roles');
  const roles = new Set(rows.map(({ name }) => name));
  const { before, after, catalogue } = definition;
  return {
    ...definition,
    ...{ before: withoutRoles(before, roles), after: withoutRoles(after, roles) },
    ...(catalogue && { catalogue: withoutRolesThatAreGone(catalogue, await readRoles(client)) }),
  };
}

/** Looks at each table again: all of it must be as it was. */
export async function compareTables(
  { client, environment }: Omit<Session, 'signal'>,
  definitions: readonly Captured<TableDefinition>[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const captured of definitions) {
    const { schema, table, catalogue } = captured;
    if (catalogue !== undefined) {
      const check = `table ${shortName(captured)}`;
      findings.push(...(await compareCatalogue(client, { check, target: { schema, table } }, catalogue)));
      continue;
    }
    const before = await restorable(client, captured);
    const now = await defineTable(environment, before);
    const isSame = now?.before === before.before && asValid(now.after) === asValid(before.after);
    if (!isSame && now !== undefined && now.tool !== before.tool) {
      findings.push(otherTool(captured, now));
      continue;
    }
    findings.push(
      finding(`table ${shortName(before)}`, isSame, {
        expected: 'as it was captured before the drop',
        found: now === undefined ? 'not there' : isSame ? 'the same' : 'another definition',
        remedy: 'compare it with record.json of the backup, fix it by hand, then answer "retry"',
        ...(!isSame && now && { evidence: { before, now } }),
      }),
    );
  }
  return findings;
}

const otherTool = (before: TableDefinition, now: TableDefinition): Finding => ({
  check: `table ${shortName(before)}`,
  status: 'not covered',
  expected: 'as it was captured before the drop',
  found: `pg_dump ${now.tool} writes it in another way than ${before.tool} did`,
  remedy: 'compare it by eye with what rubicon.dropped says',
  evidence: { before, now },
});

/** Whether a table that is there is ours, of an earlier attempt. */
export async function isSameTable(
  { client, environment }: Omit<Session, 'signal'>,
  captured: Captured<TableDefinition>,
): Promise<boolean> {
  if (captured.catalogue !== undefined) return hasSameColumns(captured.catalogue, await snapshotOf(client, [captured]));
  const before = await restorable(client, captured);
  const now = await defineTable(environment, before);
  return now !== undefined && (now.tool !== before.tool || now.before === before.before);
}
