import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import type { TableDefinition } from '../../adapters/catalogue/table-definition';
import type { SequenceState } from '../../adapters/catalogue/table-sequences';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName, shortTableName, shownPart } from '../../contract/text/object-name';
import type { WholeTable } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { afterTheRows, asOneStatement } from '../../sql/table-script';
import { compareTable, continueSequence, fillTable, isContinued } from '../../sql/refill-table';
import { quoted } from '../../sql/quoted-statement';
import { defineTable } from '../catalogue/define-table';
import { restorable } from '../catalogue/compare-tables';
import type { Session } from '../environment/session';
import type { Captured } from '../catalogue/captured-columns';
import { namingBlockers } from '../schema-change/name-blockers';
import { pastRefusals } from '../rows/write-back';
import type { Dropped } from './dropped';
import { finishFacts } from './finish-facts';
import { validateAsCaptured } from '../rows/validate-constraints';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';

/**
 * The way back of a whole table: built empty, filled row by row as it was copied, then its indexes, constraints and
 * triggers. Nobody uses it meanwhile, so each part is one transaction; whoever comes again finds what is done.
 */

type Tables = Pick<Dropped<'table'>, 'plan' | 'captured'>;

/** Whether there is a row in each of them. */
export async function haveRows(client: PostgresClient, removals: readonly WholeTable[]): Promise<boolean> {
  for (const removal of removals) {
    if ((await client.query(`select from ${qualifiedName(removal)} limit 1`)).rowCount === 0) return false;
  }
  return true;
}

/** Returns how many rows it has put in: all that are kept, or none where they are there. */
export async function fillTables(
  client: PostgresClient,
  removals: readonly WholeTable[],
  definitions: readonly TableDefinition[],
): Promise<number> {
  let filled = 0;
  for (const removal of removals) {
    const { columns = [], sequences = [] } = definitions.find((each) => isOf(each, removal)) ?? {};
    filled += await withTransaction(client, {}, async () => {
      await runStatements(client, sequences.map(continueSequence));
      const { kept, found } = await compare(client, removal);
      if (kept === found) return 0;
      const { rowCount } = await pastRefusals(client, qualifiedName(removal), () =>
        client.query(fillTable(removal, columns).sql),
      );
      await failPoint('fill: inside a batch');
      return rowCount;
    });
    await failPoint('fill: between two batches');
  }
  return filled;
}

/** Every row that is kept is there. Rows that somebody has written since it is back are told. */
export async function checkTables(
  client: PostgresClient,
  removals: readonly WholeTable[],
  definitions: readonly TableDefinition[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const state of definitions.flatMap(({ sequences }) => sequences)) {
    const { rows } = await client.query<{ yes: boolean }>(isContinued(state));
    findings.push(goesOn(state, rows[0]?.yes === true));
  }
  for (const removal of removals) {
    const { kept, found, same, there } = await compare(client, removal);
    findings.push(
      finding(`rows of ${shortName(removal)}`, kept === found, {
        expected: `the ${kept} rows that were kept`,
        found: `${found} of them, ${same} exactly as they were, of ${there} in all`,
        remedy: 'someone has deleted rows meanwhile: find out who, then answer "retry": it fills again',
      }),
    );
  }
  return findings;
}

const goesOn = ({ sequence, lastValue }: SequenceState, does: boolean): Finding =>
  finding(`sequence ${sequence}`, does, {
    expected: `at ${lastValue}, where it was, or further on`,
    found: does ? 'there' : 'behind it',
    remedy: 'someone has set it back: set it to that value, then answer "retry"',
  });

/** Indexes, constraints, triggers, policies; what is there is left alone. */
export async function completeTables(session: Session, { plan, captured }: Tables): Promise<Finding[]> {
  const { client } = session;
  const definitions: Captured<TableDefinition>[] = [];
  for (const each of captured) definitions.push(await restorable(client, each));
  await build(session, { plan, captured: definitions }, 'own');
  for (const { schema, table, catalogue } of definitions)
    if (catalogue !== undefined)
      await finishFacts(session, plan, { target: { schema, table }, before: catalogue, owner: '' });
  await build(session, { plan, captured: definitions }, 'foreign keys');
  const findings: Finding[] = [];
  for (const definition of definitions) {
    findings.push(...(await validateAsCaptured(client, definition)));
    if (definition.catalogue !== undefined) continue;
    for (const { name, sql } of afterTheRows(definition).validations) {
      if (!(await isValidated(client, sql))) findings.push(pointsAtNothing(definition, name));
    }
  }
  return findings;
}

/** False: some rows point at others that were deleted since. */
async function isValidated(client: PostgresClient, sql: string): Promise<boolean> {
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.foreignKeyViolation) return false;
    throw error;
  }
}

const pointsAtNothing = (definition: TableDefinition, name: string): Finding => ({
  check: `foreign key ${shownPart(name)} of ${shortTableName(definition)}`,
  status: 'not covered',
  expected: 'one that holds for every row',
  found: 'rows that point at what was deleted while the table was gone; it holds for new rows (NOT VALID)',
  remedy: `bring back what they point at, or delete them, then ${quoted(`alter table … validate constraint ${quoteIdentifier(name)}`)}`,
});

async function build(
  { client, environment, signal }: Session,
  { plan, captured }: Tables,
  part: 'own' | 'foreign keys',
): Promise<void> {
  for (const definition of captured) {
    const what = `the restoration of ${shortTableName(definition)}`;
    await acquireWithRetry(ddlOrder(plan, { what, signal, oneSession: true }), async () => {
      const now = await defineTable(environment, definition);
      const missing = afterTheRows(definition, now?.after)[part];
      if (missing.length === 0) return;
      await namingBlockers(client, [definition], () =>
        withTransaction(client, { ...ddlLimits(plan), statementTimeoutMs: 3_600_000 }, async () => {
          await useSystemNames(client);
          for (const script of missing) await client.query(asOneStatement(script));
        }),
      );
    });
  }
}

const isOf = ({ schema, table }: TableDefinition, removal: WholeTable): boolean =>
  schema === removal.schema && table === removal.table;

async function compare(client: PostgresClient, removal: WholeTable) {
  type Row = { kept: number; found: number; there: number; same: number };
  const { rows } = await client.query<Row>(compareTable(removal));
  return rows[0] ?? { kept: Number.NaN, found: Number.NaN, there: Number.NaN, same: Number.NaN };
}
