import { readCheck, readPartition, readPartitioned } from '../../adapters/catalogue/partition';
import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import { shortTableName, type TableName } from '../../contract/text/object-name';
import { qualifiedName } from '../../sql/identifier';
import { attach, boundCheck, isBound, keepOut, letIn, validateBound, validateKeptOut } from '../../sql/partition-bound';
import { quoted } from '../../sql/quoted-statement';
import { namingBlockers } from './name-blockers';
import { ddlLimits, besideReadersLockMs } from './acquire-with-retry';

/** Why a partition can't be attached, and what a person does about it. */
export interface NotAttached {
  found: string;
  remedy: string;
}

/** A partition, and the default one of its table if there is one: it takes all rows that no other takes. */
interface Beside {
  partition: TableName;
  others: TableName | undefined;
}

/** Large tables are read, while others write. */
const validationMs = 6 * 3_600_000;

/**
 * Gives a partition back to its table by the bound that was noted on it. What was written meanwhile for its values, into the
 * default partition or one that somebody has made, is never mixed with it and never lost: it is told, and stays.
 *
 * Safe to run again: what is attached stays so.
 *
 * @throws PostgresError with the reaction `retry`
 */
export async function attachPartition(
  client: PostgresClient,
  plan: Pick<Plan, 'durations'>,
  { of, partition }: { of: TableName; partition: TableName },
): Promise<NotAttached | undefined> {
  const isAttached = (await readPartition(client, partition))?.of != null;
  const others = (await readPartitioned(client, of))?.others ?? undefined;
  if (!isAttached) {
    const inTheWay = await prepare(client, plan, { partition, others });
    if (inTheWay !== undefined) return inTheWay;
    await failPoint('attach: before');
    const refused = await tryToAttach(client, plan, { of, partition });
    if (refused !== undefined) {
      await letRowsIn(client, plan, { partition, others });
      return refused;
    }
    await failPoint('attach: after');
  }
  await letRowsIn(client, plan, { partition, others });
  return undefined;
}

/** So that nobody waits while the server reads rows: what it would look for was found before. */
async function prepare(
  client: PostgresClient,
  plan: Pick<Plan, 'durations'>,
  { partition, others }: Beside,
): Promise<NotAttached | undefined> {
  const check = await readCheck(client, partition, boundCheck);
  if (check === undefined || !isBound(check.comment ?? ''))
    return {
      found: `no constraint ${boundCheck} on ${shortTableName(partition)} with a comment that says of which values it is`,
      remedy: 'someone has changed it: attach the table by hand, by the bound that record.json of the backup says',
    };
  if (!check.isValid) await validate(client, validateBound(partition).sql);
  if (others === undefined) return undefined;
  await namingBlockers(client, [others], () =>
    withTransaction(client, ddlLimits(plan), () => runStatements(client, keepOut(others, partition, check.holds))),
  );
  try {
    await validate(client, validateKeptOut(others, partition).sql);
    return undefined;
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate !== sqlstate.checkViolation) throw error;
    await letRowsIn(client, plan, { partition, others });
    return written(partition, others, check.holds);
  }
}

const validate = (client: PostgresClient, sql: string): Promise<unknown> =>
  withTransaction(client, { lockTimeoutMs: besideReadersLockMs, statementTimeoutMs: validationMs }, () =>
    client.query(sql),
  );

/** The default partition takes rows of these values again. */
async function letRowsIn(
  client: PostgresClient,
  plan: Pick<Plan, 'durations'>,
  { partition, others }: Beside,
): Promise<void> {
  if (others === undefined) return;
  await namingBlockers(client, [others], () =>
    withTransaction(client, ddlLimits(plan), () => runStatements(client, letIn(others, partition))),
  );
}

/** States in which the server says that this table does not fit there, and never that it will later. */
const refusals = new Set<string | undefined>(['42P16', '42P17', '23514', '23503', '23505', '42804', '0A000', '55000']);

async function tryToAttach(
  client: PostgresClient,
  plan: Pick<Plan, 'durations'>,
  { of, partition }: { of: TableName; partition: TableName },
): Promise<NotAttached | undefined> {
  try {
    await namingBlockers(client, [of, partition], () =>
      withTransaction(client, ddlLimits(plan), () => runStatements(client, [attach(of, partition)])),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof PostgresError) || !refusals.has(error.sqlstate)) throw error;
    return {
      found: error.message,
      remedy:
        `nothing is lost: its rows are in ${shortTableName(partition)}; where another partition of ${shortTableName(of)} has the same values, ` +
        `detach that one (its rows stay in it: write them into ${shortTableName(of)} afterwards), then answer "retry"`,
    };
  }
}

/** Rows of these values that came while the partition was away. */
function written(partition: TableName, others: TableName, holds: string): NotAttached {
  const aside = qualifiedName({ schema: partition.schema, table: 'rubicon_late_rows' });
  const from = qualifiedName(others);
  const sql = [`create table ${aside} as select * from ${from} where ${holds}`, `delete from ${from} where ${holds}`];
  return {
    found: `rows of its values in the default partition ${shortTableName(others)}, written while it was away`,
    remedy:
      `nothing is lost: put them aside in one transaction, ${quoted(...sql)}, and answer "retry"; ` +
      `then write them into the partitioned table again, out of rubicon_late_rows`,
  };
}
