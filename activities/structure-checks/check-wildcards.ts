import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findWildcardStatements, type WildcardStatement } from '../../adapters/dependents/statement-statistics';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import type { TableName } from '../../contract/text/object-name';
import { counted } from '../../contract/text/plain-text';

/**
 * Statements that mean all columns without naming them. A prepared `select *` fails with 0A000 when a column is hidden, when
 * it is dropped, and when it comes back, until its session prepares it again; an `insert` without a list of columns gives
 * its values to other columns than before, or fails.
 */
export async function checkWildcards(client: PostgresClient, table: TableName): Promise<Finding[]> {
  const name = shortTableName(table);
  const { statements, unseen } = await findWildcardStatements(client, table);
  const of = (kind: WildcardStatement['kind']): WildcardStatement[] => statements.filter((each) => each.kind === kind);
  return [selects(name, of('select *'), unseen), ...inserts(name, of('insert without columns'))];
}

function selects(name: string, statements: readonly WildcardStatement[], unseen: string | undefined): Finding {
  const check = `"select *" from ${name}`;
  const expected = 'statements that name their columns';
  if (statements.length === 0 && unseen === undefined)
    return { check, status: 'passed', expected, found: 'no other one in pg_stat_statements since it was reset' };
  const seen = statements.length === 0 ? [] : [shown(statements)];
  const rest = unseen === undefined ? [] : [`not seen: ${unseen}`];
  return {
    ...{ check, status: 'not covered', expected, found: [...seen, ...rest].join('; ') },
    remedy:
      'where a client keeps such a statement prepared, it fails with 0A000 ("cached plan must not change result type") once the ' +
      'column is hidden, and again once it is dropped, until it is prepared again: have it name its columns, or its driver prepare again',
  };
}

function inserts(name: string, statements: readonly WildcardStatement[]): Finding[] {
  if (statements.length === 0) return [];
  return [
    {
      check: `"insert" without columns into ${name}`,
      status: 'possible',
      expected: 'statements that name their columns',
      found: shown(statements),
      remedy:
        'its values go to other columns, or it fails, once one of them is gone: accept it if no one does so any more (the old ' +
        'release, a person), with that reason; otherwise have it name its columns, then start the rollout again',
      // How often it was called changes, and is no other doubt.
      evidence: { queryIds: statements.map(({ queryId }) => queryId).sort() },
    },
  ];
}

/** Never its text, which may be long. */
const shown = (statements: readonly WildcardStatement[]): string =>
  `${counted(statements.length, 'statement')} in pg_stat_statements: ${statements
    .slice(0, 5)
    .map(({ queryId }) => `queryid ${queryId}`)
    .join(', ')}`;
