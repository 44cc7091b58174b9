import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import { isKeptByRow } from '../../contract/plan/removals';
import type { Finding } from '../../contract/run/findings';
import { toMs } from '../../contract/text/duration';
import { shortTableName } from '../../contract/text/object-name';
import { constraintStatements } from '../../sql/restore';
import { indexStatements } from '../../sql/restore-indexes';
import { isProvenByRow, replacedOf } from '../../sql/saved-values/kept-by';
import type { Statement } from '../../sql/statement';
import { validateAsCaptured } from '../rows/validate-constraints';
import { namingBlockers } from '../schema-change/name-blockers';
import { ddlLimits, acquireWithRetry } from '../schema-change/acquire-with-retry';
import { compareColumns, restorableColumns, type Captured } from '../catalogue/captured-columns';
import { checkBuilt } from '../rebuild/check-built';
import { checkFits, checkKept, checkProven } from './check-refilled';
import { fillRows } from './fill-rows';
import { finishFacts } from '../rebuild/finish-facts';
import { gatherValues } from '../new-keys/gather-values';
import type { Session } from '../environment/session';
import type { Dropped } from '../rebuild/dropped';
import { maySetAnew } from './refill-columns';

/** Rights that can't come back, whether what was filled is right, and what a platform's tool has built otherwise. */
export async function checkRefilledColumns(
  session: Session,
  input: RestoreInput,
  dropped: Dropped<'column'>,
): Promise<Finding[]> {
  const { client } = session;
  const { captured, findings } = await restorableColumns(client, dropped.captured);
  findings.push(...(await checkRows(session, input, dropped)));
  const action = dropped.plan.byAction?.restore;
  if (action !== undefined) findings.push(...(await checkBuilt(client, captured, action)));
  return findings;
}

async function checkRows(
  session: Session,
  input: RestoreInput,
  { plan, removals }: Dropped<'column'>,
): Promise<Finding[]> {
  const { client, environment } = session;
  const { proof } = plan;
  if (proof !== undefined && !isKeptByRow(plan))
    return inTurn(replacedOf(removals), (removal) => checkProven(session, removal, proof));
  await gatherValues(session, input);
  const overwrite = await maySetAnew(environment, plan);
  await fillRows(session, plan, { overwrite }); // rows that were written anew meanwhile
  if (proof === undefined) return inTurn(removals, (removal) => checkKept(client, removal));
  return inTurn(removals.filter(isProvenByRow), (removal) => checkFits(client, { removal, proof }, overwrite));
}

async function inTurn<From, To>(all: readonly From[], one: (each: From) => Promise<To>): Promise<To[]> {
  const found: To[] = [];
  for (const each of all) found.push(await one(each));
  return found;
}

/** Indexes and constraints, then what was said of them, and a comparison. */
export async function finishColumns(session: Session, { plan, captured: all }: Dropped<'column'>): Promise<Finding[]> {
  const { client } = session;
  const { captured } = await restorableColumns(client, all);
  for (const capture of captured) await build(session, capture, plan);
  const findings = await finishFactsOf(session, plan, captured);
  return [...findings, ...(await compareColumns(client, captured))];
}

/** What was said of them and of their indexes, and the constraints that named them. */
async function finishFactsOf(
  session: Session,
  plan: Plan,
  captured: readonly Captured<ColumnCapture>[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { schema, table, column, owner = '', catalogue: before, validChecks = [] } of captured) {
    if (before === undefined) continue;
    await finishFacts(session, plan, { target: { schema, table, column }, before, owner });
    const found = await validateAsCaptured(session.client, { schema, table, catalogue: before, validChecks });
    const told = new Set(findings.map(({ check }) => check)); // of one table for each of its columns
    findings.push(...found.filter(({ check }) => !told.has(check)));
  }
  return findings;
}

/** Indexes are built while others write; what needs a lock for a moment tries for it as the drop does. */
async function build({ client, signal }: Session, capture: ColumnCapture, plan: Plan): Promise<void> {
  const alter = (statement: Statement): Promise<void> =>
    namingBlockers(client, [capture], () =>
      withTransaction(client, { ...ddlLimits(plan), statementTimeoutMs: 3_600_000 }, () =>
        runStatements(client, [statement]),
      ),
    );
  const givesUpAfterMs = toMs(plan.durations.lockGivesUp);
  const what = `the restoration of ${shortTableName(capture)}`;
  await acquireWithRetry({ what, givesUpAfterMs, signal, oneSession: true }, async () => {
    for (const statement of constraintStatements(capture)) await alter(statement);
    const present = await captureColumn(client, capture, capture.column);
    for (const statement of indexStatements(capture, present?.indexes ?? [])) {
      if (/ concurrently /i.test(statement.sql)) await runStatements(client, [statement]);
      else await alter(statement);
    }
  });
}
