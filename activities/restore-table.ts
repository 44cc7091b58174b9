import { failPoint } from '../adapters/fail-point';
import type { PostgresClient } from '../adapters/postgres';
import { findColumns } from '../adapters/postgres-catalogue';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import type { TableDefinition } from '../adapters/table-definition';
import { useSystemNames } from '../adapters/search-path';
import { toMs } from '../contract/duration';
import { permanent } from '../contract/failures';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { Plan } from '../contract/plan';
import { isTable, removalsOf } from '../contract/removals';
import type { TableRemoval } from '../contract/removals';
import { qualifiedName } from '../sql/identifier';
import { afterTheRows, asOneStatement } from '../sql/table-script';
import { compareTable, continueSequence, fillTable } from '../sql/whole-table';
import { defineTable } from './capture-removals';
import type { Environment } from './environment';
import { namingBlockers } from './name-blockers';
import { ddlLimits, winLock } from './win-lock';

/**
 * The way back of a whole table: built empty, filled row by row as it was copied, then its indexes, constraints and
 * triggers. Nobody uses it meanwhile, so each part is one transaction; whoever comes again finds what is done.
 */

export const tablesOf = (plan: Pick<Plan, 'removes'>): TableRemoval[] => removalsOf(plan).filter(isTable);

/** The tables, empty, in the transaction that is open. */
export async function makeTables(client: PostgresClient, definitions: readonly TableDefinition[]): Promise<void> {
  await useSystemNames(client);
  for (const definition of definitions) {
    if ((await findColumns(client, definition)) !== undefined) throw alreadyThere(definition);
    await client.query(asOneStatement(definition.before));
  }
}

const alreadyThere = ({ schema, table }: TableDefinition): Error =>
  permanent(
    'WrongWorld',
    `expected no table ${schema}.${table}, found one; nothing was changed; look who has made it, and drop it if it is empty`,
  );

/** Whether there is a row in each of them. */
export async function haveRows(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<boolean> {
  for (const removal of tablesOf(plan)) {
    if ((await client.query(`select from ${qualifiedName(removal)} limit 1`)).rowCount === 0) return false;
  }
  return true;
}

/** Returns how many rows it has put in: all that are kept, or none where they are there. */
export async function fillTables(
  client: PostgresClient,
  plan: Plan,
  definitions: readonly TableDefinition[],
): Promise<number> {
  let filled = 0;
  for (const removal of tablesOf(plan)) {
    const { columns = [], sequences = [] } = definitions.find((each) => isOf(each, removal)) ?? {};
    filled += await withTransaction(client, {}, async () => {
      if ((await compare(client, removal)).there > 0) return 0;
      const { rowCount } = await client.query(fillTable(removal, columns).sql);
      await failPoint('fill: inside a batch');
      await runStatements(
        client,
        sequences.map((sequence) => continueSequence(removal, sequence)),
      );
      return rowCount;
    });
    await failPoint('fill: between two batches');
  }
  return filled;
}

/** Every row that is kept is there as it was, and no other. */
export async function checkTables(client: PostgresClient, plan: Plan): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const removal of tablesOf(plan)) {
    const { kept, there, same } = await compare(client, removal);
    findings.push(
      finding(`rows of ${removal.table}`, kept === there && kept === same, {
        expected: `the ${kept} rows that were kept, each as it was`,
        found: `${there} rows, ${same} of them the same`,
        remedy:
          'somebody has written to the table meanwhile: find out who, empty it, then answer "retry": it fills again',
      }),
    );
  }
  return findings;
}

/** Indexes, constraints, triggers, policies; what is there is left alone. */
export async function finishTables(
  client: PostgresClient,
  environment: Environment,
  plan: Plan,
  definitions: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<Finding[]> {
  for (const part of ['own', 'foreign keys'] as const) {
    for (const definition of definitions) await build(client, environment, plan, definition, part, signal);
  }
  for (const definition of definitions) {
    for (const { sql } of afterTheRows(definition).validations) await client.query(sql);
  }
  return compareTables(environment, definitions);
}

async function build(
  client: PostgresClient,
  environment: Environment,
  plan: Plan,
  definition: TableDefinition,
  part: 'own' | 'foreign keys',
  signal: AbortSignal,
): Promise<void> {
  const what = `the restoration of ${definition.table}`;
  const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
  await winLock({ what, givesUpAfterMs, signal, oneSession: true }, async () => {
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

/** Captures each table again: all of it must be as it was. */
async function compareTables(environment: Environment, definitions: readonly TableDefinition[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const before of definitions) {
    const now = await defineTable(environment, before);
    const isSame = now?.before === before.before && now.after === before.after;
    findings.push(
      finding(`table ${before.table}`, isSame, {
        expected: 'as it was captured before the drop',
        found: now === undefined ? 'not there' : isSame ? 'the same' : 'another definition',
        remedy: 'compare it with record.json of the backup, mend it by hand, then answer "retry"',
        ...(!isSame && now && { evidence: { before, now } }),
      }),
    );
  }
  return findings;
}

/** Whether a table that is there is ours, of an earlier attempt. */
export async function isSameTable(environment: Environment, before: TableDefinition): Promise<boolean> {
  const now = await defineTable(environment, before);
  return now?.before === before.before;
}

const isOf = ({ schema, table }: TableDefinition, removal: TableRemoval): boolean =>
  schema === removal.schema && table === removal.table;

async function compare(client: PostgresClient, removal: TableRemoval) {
  type Row = { kept: number; there: number; same: number };
  const { rows } = await client.query<Row>(compareTable(removal));
  return rows[0] ?? { kept: Number.NaN, there: Number.NaN, same: Number.NaN };
}
