import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readAsUtf8, readEncoding, type ReadableText } from '../../adapters/server/encoding';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import type { TableName } from '../../contract/text/object-name';
import { counted } from '../../contract/text/plain-text';

/** Of each column; what lies behind is read by the backup's proof alone. */
const mostRows = 200_000;

/**
 * Whether texts can be read. Sessions of ours speak UTF-8, and in a database whose encoding is none (SQL_ASCII), or has
 * characters that UTF-8 has not, a single value can end a copy, a proof or a rollback half-way. Names the column, never the
 * value.
 */
export async function checkEncoding(client: PostgresClient, tables: readonly TableName[]): Promise<Finding[]> {
  const encoding = await readEncoding(client);
  const check = 'encoding of the database';
  if (encoding === 'UTF8') return [{ check, status: 'passed', expected: 'one that UTF-8 can read', found: encoding }];
  const findings: Finding[] = [];
  for (const table of tables) {
    const columns = await readAsUtf8(client, table, mostRows);
    findings.push(
      ...columns.filter(({ refused }) => refused !== undefined).map((each) => unreadable(table, encoding, each)),
    );
    findings.push(extent(table, encoding, columns));
  }
  return findings;
}

const unreadable = (table: TableName, encoding: string, { column, refused }: ReadableText): Finding =>
  finding(`text of ${shortName({ ...table, column })}`, false, {
    expected: 'values that can be read as UTF-8',
    found: `at least one that can not, in a database with the encoding ${encoding} (${refused})`,
    remedy:
      encoding === 'SQL_ASCII'
        ? remedyOfNone
        : `have such values changed: ${encoding} has them, and UTF-8 has no such character`,
  });

const remedyOfNone =
  'find out in which encoding these values are, and write them again in UTF-8: if it is LATIN1, ' +
  `"update … set c = convert_from(convert(convert_to(c, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII')" for just the rows whose bytes are no UTF-8; then start the rollout again`;

function extent(table: TableName, encoding: string, columns: readonly ReadableText[]): Finding {
  const read = columns.filter(({ refused }) => refused === undefined);
  const most = Math.max(0, ...read.map(({ rowsRead }) => rowsRead));
  const facts = {
    check: `texts of ${shortName(table)}`,
    expected: 'every value read as UTF-8',
    found: `${counted(read.length, 'column')}, ${counted(most, 'row')}, in a database with the encoding ${encoding}`,
  };
  if (most < mostRows) return { ...facts, status: 'passed' };
  const remedy = 'the rows behind are read by the proof of the backup, before anything is changed';
  return { ...facts, status: 'not covered', found: `${facts.found}: no more are read here`, remedy };
}
