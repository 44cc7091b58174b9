import { readEqualities, type ColumnEquality } from '../../../adapters/catalogue/column-equality';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { PostgresError } from '../../../adapters/postgres/postgres-error';
import { finding, type Finding } from '../../../contract/run/findings';
import type { RowsRemoval } from '../../../contract/plan/removal';
import { quoteLiteral } from '../../../sql/identifier';

/** What "today" is when rows are counted, it is no more when they are dropped. */
const relative = /\b(?:now|today|tomorrow|yesterday)\b/i;

/**
 * Whether each column of a condition can be compared with its value, and means the same today and tomorrow. One finding a
 * column; of a table that has all of them.
 */
export async function checkConditions(client: PostgresClient, removal: RowsRemoval): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const one of await readEqualities(client, removal, Object.keys(removal.where))) {
    const fault = await faultOf(client, one, removal.where[one.column] ?? '');
    findings.push(
      finding(`condition on ${removal.table}.${one.column}`, fault === undefined, {
        expected: 'a value that the server can compare, and that means the same tomorrow',
        found:
          fault?.found ?? `compared as ${one.type}${one.coarse ? ', to which other spellings are the same value' : ''}`,
        remedy: fault?.remedy ?? '',
      }),
    );
  }
  return findings;
}

async function faultOf(
  client: PostgresClient,
  { operator, type, category }: ColumnEquality,
  value: string,
): Promise<{ found: string; remedy: string } | undefined> {
  if (operator === null)
    return { found: `type ${type}, whose values the server can not compare`, remedy: 'name another column in "where"' };
  const isRelative = category === 'D' && relative.test(value);
  if (isRelative) return { found: 'a value that depends on when it is read', remedy: 'write the date, as 2026-11-30' };
  const because = await unreadable(client, `${quoteLiteral(value)}::${type}`);
  if (because === undefined) return undefined;
  const remedy = `write a value of type ${type}${category === 'D' ? ', such as 2026-11-30' : ''}`;
  return { found: `a value that is no ${type} (${because})`, remedy };
}

/** SQLSTATE of why a constant can't be read, if it can't. */
async function unreadable(client: PostgresClient, constant: string): Promise<string | undefined> {
  try {
    await client.query(`select (${constant}) is null`);
    return undefined;
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate?.startsWith('22') === true) return error.sqlstate;
    throw error;
  }
}
