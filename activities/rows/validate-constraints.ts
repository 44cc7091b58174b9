import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { readValidChecks, type ValidCheck } from '../../adapters/catalogue/valid-checks';
import type { Finding } from '../../contract/run/findings';
import { shownPart, type TableName } from '../../contract/text/object-name';
import { validConstraints } from '../../sql/captured-catalogue';
import { validate, validateCheck } from '../../sql/checks';
import { quoted } from '../../sql/quoted-statement';
import type { Captured } from '../catalogue/captured-columns';
import { printedName } from '../catalogue/printed-name';

/**
 * Makes valid again what was valid when it was captured. What the rows do not fulfil any more stays NOT VALID, holds for
 * new ones, and is told: neither time nor what was deleted meanwhile may stop a rollback.
 */
export async function validateAsCaptured(
  client: PostgresClient,
  { schema, table, catalogue, validChecks = [] }: Captured<TableName>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { rows } = await client.query<{ name: string }>(unvalidated, [schema, table]);
  const relation = await printedName(client, { schema, table });
  const open = new Set(rows.map(({ name }) => name));
  for (const { name, kind } of validConstraints(catalogue ?? { objects: {} }, relation)) {
    if (!open.has(name)) continue;
    const sql = validate({ schema, table }, name);
    const refusal = await refusalOf(client, sql);
    if (refusal !== undefined)
      findings.push(staysOpen({ check: `${kind} ${shownPart(name)} of ${shownPart(table)}`, refusal, sql }));
    open.delete(name);
  }
  const others = validChecks.filter(({ on, name }) => on === 'domain' || open.has(name));
  return [...findings, ...(await validateChecks(client, { schema, table }, others))];
}

/** The same for CHECKs alone, of the table and of its domains, which were valid before rows were written back. */
export async function validateChecks(
  client: PostgresClient,
  table: TableName,
  wereValid: readonly ValidCheck[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const key = ({ on, place, name }: ValidCheck): string => JSON.stringify([on, place, name]);
  const valid = new Set((await readValidChecks(client, table)).map(key));
  for (const each of wereValid.filter((one) => !valid.has(key(one)))) {
    const sql = validateCheck(each);
    const refusal = await refusalOf(client, sql);
    const check = `constraint ${shownPart(each.name)} of ${each.on === 'domain' ? each.place : shownPart(table.table)}`;
    if (refusal !== undefined) findings.push(staysOpen({ check, refusal, sql }));
  }
  return findings;
}

const unvalidated = `
  select k.conname as name from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and k.contype in ('c', 'f', 'n') and not k.convalidated`;

/** Undefined: it holds for every row. A function in it can say no in any words of its own. */
async function refusalOf(client: PostgresClient, sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    if (!(error instanceof PostgresError) || error.reaction === 'retry' || error.reaction === 'probe') throw error;
    return error.sqlstate ?? 'unknown';
  }
}

const staysOpen = ({ check, refusal, sql }: { check: string; refusal: string; sql: string }): Finding => ({
  check,
  status: 'not covered',
  expected: 'one that holds for every row',
  found: `rows that it now refuses (SQLSTATE ${refusal}): time went on, or what they need was deleted; it holds for new rows (NOT VALID)`,
  remedy: `as it is, nothing has to be done; once no row is against it: ${quoted(sql)}`,
});
