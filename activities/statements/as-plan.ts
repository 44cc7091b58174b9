import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withoutText } from '../../adapters/postgres/postgres-error';
import { withTransaction } from '../../adapters/postgres/transaction';
import { operatorsOfPeople, schemasOfOperators } from '../../adapters/dependents/operator-schemas';
import { permanent } from '../../contract/run/failures';
import { parseColumnName } from '../../contract/text/object-name';
import { removalsOf } from '../../contract/plan/removals';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { readSelect, type SelectStatement } from '../../sql/statements/select-statement';
import { StatementFault } from '../../sql/statements/statement-fault';
import { checkReach } from './check-reach';
import type { KnownPlan } from './known-plan';
import { useReader } from './reader';

/** A select of a plan: the `sql` of a query, the values of a query's `sample`, or the `sample` of a probe. */
export interface PlanSelect {
  plan: KnownPlan;
  of: 'query' | 'values' | 'sample';
  /** Of the query or probe in the plan. */
  index: number;
}

/** Of each statement: a release should send none that takes longer. */
const limitMs = 10_000;

/** Of one of ours that draws values. */
const drawingLimitMs = 60_000;

/** A select waits only for whoever changes the table itself. */
const lockLimitMs = 1_000;

/**
 * Looks through a select of a plan once more, and calls back with what may run: in a transaction that only reads, with
 * limits, as the role that may not read what goes (where there is one), names as the statement says them. Guards against a
 * plan, or whoever writes into Temporal, that reads, locks or runs what it should not: whatever was checked when the plan was
 * read may be another text by now. What the server says of an error is its SQLSTATE alone.
 *
 * @throws `InvalidInput` for a select that may not run whatever the database, `WrongState` for one that may not in this one;
 *   nothing of it has run then
 */
export async function asPlan<T>(
  client: PostgresClient,
  select: PlanSelect,
  work: (statement: SelectStatement) => Promise<T>,
): Promise<T> {
  const { plan } = select;
  const removals = removalsOf(plan);
  const { text, field } = textOf(select);
  const statement = await refusing('InvalidInput', field, () => readSelect(text, removals));
  const options = {
    readOnly: true,
    statementTimeoutMs: select.of === 'values' ? drawingLimitMs : limitMs,
    lockTimeoutMs: lockLimitMs,
  };
  try {
    return await withTransaction(client, options, async () => {
      await useReader(client, plan);
      const schemas = await useOperators(client);
      await refusing('WrongState', field, async () => {
        await checkReach(client, statement.reach, removals);
        await checkOperators(client, statement, schemas);
      });
      return work(statement);
    });
  } catch (error) {
    throw withoutText(error, field);
  }
}

/** The text is the plan's and never a caller's. `field`: where it stands, such as `queries[0].sql`. */
function textOf({ plan, of, index }: PlanSelect): { text: string; field: string } {
  const query = plan.queries[index];
  switch (of) {
    case 'query':
      return { text: query?.sql ?? '', field: `queries[${index}].sql` };
    case 'values':
      return { text: query === undefined ? '' : selectOf(query.sample), field: `queries[${index}].sample` };
    case 'sample':
      return { text: plan.probes[index]?.sample ?? '', field: `probes[${index}].sample` };
  }
}

/** As a select of the plan it is looked through like all others. */
function selectOf(sample: string): string {
  const column = parseColumnName(sample);
  return `select t.${quoteIdentifier(column.column)} from ${qualifiedName(column)} as t`;
}

/** Functions and types are the system's; of operators also those of extensions, which types such as `citext` need. */
async function useOperators(client: PostgresClient): Promise<string[]> {
  const schemas = await schemasOfOperators(client);
  const path = ['pg_catalog', ...schemas, 'pg_temp'].join(', ');
  await client.query(`select set_config('search_path', $1, true)`, [path]);
  return schemas;
}

/** An `=` of somebody in such a schema would be called for types that the system's has to convert. */
async function checkOperators(
  client: PostgresClient,
  { operators }: SelectStatement,
  schemas: string[],
): Promise<void> {
  const [found] = await operatorsOfPeople(client, operators, schemas);
  if (found === undefined) return;
  throw new StatementFault(
    `expected operators of the system and of extensions, found ${found} beside those of an extension; have it moved to a schema of its own, or write the select without it`,
  );
}

async function refusing<T>(type: 'InvalidInput' | 'WrongState', field: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatementFault)) throw error;
    const at = error.offset === undefined ? '' : ` (character ${error.offset + 1})`;
    throw permanent(type, `${field}${at}: ${error.message}; nothing was run`);
  }
}
