import type { PerformOfPlan } from '../statements/of-known-plan';
import type { RestoreInput } from '../../contract/run/effect-inputs';
import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { withPlainNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { finding, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import type { ColumnRemoval, ComparedRemoval, ReplacedRemoval } from '../../contract/plan/removal';
import { columnsOf, isKeptByRow } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { countDiffering, fillBatchRows } from '../../sql/fill';
import { countWrong } from '../../sql/saved-values/fill-proven';
import { holdsFor } from '../../sql/saved-values/holds-for';
import { isProvenByRow, replacedOf } from '../../sql/saved-values/kept-by';
import { constraintStatements, indexStatements } from '../../sql/restore';
import { revisionBack } from '../../sql/revision';
import type { Statement } from '../../sql/statement';
import {
  columnsAmong,
  compareColumns,
  isTableDefinition,
  restorableColumns,
  shapesAmong,
} from '../state/captured-columns';
import type { Capture, Captured } from '../state/captured-columns';
import { countBy } from '../state/count-rows';
import { withDatabase } from '../environment/database';
import { requireDroppedRecord } from '../state/dropped-record';
import type { Environment } from '../environment/environment';
import { maySetAnew } from './fill-columns';
import { fillRows } from './fill-rows';
import { gatherKeys } from './gather-keys';
import { withHeartbeat } from '../environment/heartbeat';
import { readRevisionOf } from '../state/look-at-world';
import { namingBlockers } from '../schema-change/name-blockers';
import { requireRightServer } from '../state/point-of-no-return';
import { checkRowsBack, putRowsBack } from './restore-rows';
import { checkBuilt } from './check-built';
import { finishFacts } from './finish-facts';
import { validateAsCaptured } from '../rows/validate-constraints';
import { checkTables, fillTables, finishTables } from './restore-table';
import { requireAllowed, requireDropped, requireOwnDigest } from '../approval/rollback-decisions';
import type { RestoreDeps } from '../approval/rollback-decisions';
import { unthrottled } from '../schema-change/throttle';
import { ddlLimits, winLock } from '../schema-change/win-lock';

/**
 * Constraints, indexes, a comparison with what was captured, then the revision. Guards
 * against a way back that looks right and is not: another type, a full index for a partial one, a key that is nobody's.
 *
 * Safe to run again: builds what is missing only; a state row that is `rolled-back` is left alone.
 */
export function createFinishRestore(deps: RestoreDeps): PerformOfPlan<'finishRestore'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const { plan } = input;
      return withDatabase(
        environment,
        'finish',
        async (client) => {
          await requireRightServer(client, environment);
          await requireAllowed(client, deps, environment, input);
          await client.query('set statement_timeout = 0'); // an index is one statement; the signal is its limit
          const dropped = await requireDroppedRecord(client, { ...input.rollout, planDigest: input.planDigest });
          const { captured, findings } = await restorableColumns(client, columnsAmong(dropped.captured));
          findings.push(...(await checkRows(client, environment, input, dropped.captured, signal)));
          const action = plan.byAction?.restore;
          if (action !== undefined) findings.push(...(await checkBuilt(client, captured, action)));
          if (obstacles(findings).length > 0) return findings;
          for (const capture of captured) await build(client, capture, plan, signal);
          findings.push(...(await finishColumns(client, plan, captured, signal)));
          findings.push(...(await compareColumns(client, captured)));
          const tables = dropped.captured.filter(isTableDefinition);
          findings.push(...(await finishTables(client, environment, plan, tables, signal)));
          if (obstacles(findings).length > 0) return findings;
          await failPoint('finish restore: before the revision');
          findings.push(await turnBack(client, input));
          await failPoint('finish restore: after');
          return findings;
        },
        signal,
      );
    });
}

/** What was said of them and of their indexes, and the constraints that named them. */
async function finishColumns(
  client: PostgresClient,
  plan: Plan,
  captured: readonly Captured<ColumnCapture>[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { schema, table, column, owner = '', catalogue: before, validChecks = [] } of captured) {
    if (before === undefined) continue;
    await finishFacts(client, plan, { schema, table, column }, { before, owner, signal });
    const found = await validateAsCaptured(client, { schema, table, catalogue: before, validChecks });
    const told = new Set(findings.map(({ check }) => check)); // of one table for each of its columns
    findings.push(...found.filter(({ check }) => !told.has(check)));
  }
  return findings;
}

/** Every table of the plan: is what was filled right? */
async function checkRows(
  client: PostgresClient,
  environment: Environment,
  input: RestoreInput,
  captured: readonly Capture[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { proof } = input.plan;
  const removals = columnsOf(input.plan);
  if (proof !== undefined && !isKeptByRow(input.plan)) {
    return inTurn(replacedOf(removals), (removal) => checkProven(client, removal, proof, signal));
  }
  await gatherKeys(client, environment, input, signal);
  const overwrite = await maySetAnew(environment, input.plan);
  await fillRows(client, input.plan, signal, { overwrite }); // rows that were written anew meanwhile
  if (proof !== undefined)
    return inTurn(removals.filter(isProvenByRow), (removal) => checkFits(client, removal, proof, overwrite));
  const kept = await inTurn(removals, (removal) => checkKept(client, removal));
  await fillTables(client, input.plan, captured.filter(isTableDefinition));
  await putRowsBack(client, input.plan, shapesAmong(captured), { throttle: unthrottled, signal });
  return [
    ...kept,
    ...(await checkTables(client, input.plan, captured.filter(isTableDefinition))),
    ...(await checkRowsBack(client, input.plan, shapesAmong(captured))),
  ];
}

async function inTurn<From, To>(all: readonly From[], one: (each: From) => Promise<To>): Promise<To[]> {
  const found: To[] = [];
  for (const each of all) found.push(await one(each));
  return found;
}

/** Rows that the new release writes meanwhile have no key yet; the next fill gives it to them. */
async function checkProven(
  client: PostgresClient,
  removal: ReplacedRemoval,
  proof: string,
  signal: AbortSignal,
): Promise<Finding> {
  const counts = await countBy(client, removal, holdsFor(removal, proof), signal);
  const { table, mismatch, keyWithoutHash, hashWithoutKey, placeholders = 0 } = counts;
  return finding(`filled rows of ${table}`, mismatch === 0 && keyWithoutHash === 0, {
    expected: 'the key of its hash, or an unusable placeholder, in each row with a hash',
    found: `${mismatch} wrong, ${keyWithoutHash} without a hash, ${placeholders} with a placeholder, ${Math.max(0, hashWithoutKey - placeholders)} not filled yet`,
    remedy: 'somebody has written keys meanwhile: find out who, empty those rows, then answer "retry"',
    evidence: counts,
  });
}

/** Rows that somebody has written since a moment ago are among them; the next fill finds these. */
async function checkFits(
  client: PostgresClient,
  removal: ComparedRemoval,
  proof: string,
  overwrite: boolean,
): Promise<Finding> {
  const capture = await captureColumn(client, removal, removal.column);
  const { rows } = await client.query<{ count: number }>(
    countWrong({ removal, proof, type: capture?.type ?? 'text' }, overwrite),
  );
  const wrong = rows[0]?.count;
  return finding(
    `filled rows of ${shortTableName(removal)}`,
    wrong === undefined ? 'unknown' : wrong <= fillBatchRows,
    {
      expected: `in each row the value that fits what replaced it, but for ${fillBatchRows} written in this moment`,
      found: `${wrong ?? '?'} without it; the next fill, in maintenance, finds them`,
      remedy: 'rows are written faster than they are filled: answer "retry" when it is quiet',
    },
  );
}

/** The release that serves does not write the column, so whatever stands there is what was kept of the row. */
async function checkKept(client: PostgresClient, removal: ColumnRemoval): Promise<Finding> {
  type Row = { compared: number; differing: number; missing: number };
  // As in the copy: what names an object (regclass) has the schema in its text.
  const { rows } = await withPlainNames(client, () => client.query<Row>(countDiffering(removal)));
  const [counts] = rows;
  return finding(
    `filled rows of ${shortTableName(removal)}`,
    counts === undefined ? 'unknown' : counts.differing === 0,
    {
      expected: 'no other value than was kept of each row',
      found: `${counts?.differing ?? '?'} of ${counts?.compared ?? '?'} with another one, ${counts?.missing ?? '?'} with none`,
      remedy:
        'somebody has written the column meanwhile: find out who, empty those rows, then answer "retry": it fills again',
      ...(counts && { evidence: counts }),
    },
  );
}

/** Indexes are built while others write; what needs a lock for a moment tries for it as the drop does. */
async function build(client: PostgresClient, capture: ColumnCapture, plan: Plan, signal: AbortSignal): Promise<void> {
  const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
  const what = `the restoration of ${shortTableName(capture)}`;
  await winLock({ what, givesUpAfterMs, signal, oneSession: true }, async () => {
    for (const statement of constraintStatements(capture)) await alter(client, capture, plan, statement);
    const present = await captureColumn(client, capture, capture.column);
    for (const statement of indexStatements(capture, present?.indexes ?? [])) {
      if (/ concurrently /i.test(statement.sql)) await runStatements(client, [statement]);
      else await alter(client, capture, plan, statement);
    }
  });
}

const alter = (client: PostgresClient, capture: ColumnCapture, plan: Plan, statement: Statement): Promise<void> =>
  namingBlockers(client, [capture], () =>
    withTransaction(client, { ...ddlLimits(plan), statementTimeoutMs: 3_600_000 }, () =>
      runStatements(client, [statement]),
    ),
  );

/** The state row follows when all is done, with the guard: until then it can be begun again. */
async function turnBack(client: PostgresClient, input: RestoreInput): Promise<Finding> {
  const { plan } = input;
  await withTransaction(client, { lockTimeoutMs: 5_000, idleInTransactionTimeoutMs: 5_000 }, async () => {
    await requireDropped(client, input);
    if (plan.revision === undefined || (await readRevisionOf(client, plan.revision)) === plan.revision.from) return;
    await runStatements(client, [revisionBack(plan.revision)]);
  });
  const expected = plan.revision?.from ?? 'no revision in the plan';
  const found = (await readRevisionOf(client, plan.revision)) ?? expected;
  const remedy = 'somebody has changed it since: bring it back by hand';
  return finding('revision', found === expected, { expected, found, remedy });
}
