import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import { constraintStatements } from '../../sql/restore';
import { indexStatements } from '../../sql/restore-indexes';
import type { Statement } from '../../sql/statement';
import { validateAsCaptured } from '../rows/validate-constraints';
import { namingBlockers } from '../schema-change/name-blockers';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { compareColumns, restorableColumns, type Captured } from '../catalogue/captured-columns';
import { finishFacts } from '../rebuild/finish-facts';
import type { Session } from '../environment/session';
import type { Dropped } from '../rebuild/dropped';

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
  const what = `the restoration of ${shortTableName(capture)}`;
  await acquireWithRetry(ddlOrder(plan, { what, signal, oneSession: true }), async () => {
    for (const statement of constraintStatements(capture)) await alter(statement);
    const present = await captureColumn(client, capture, capture.column);
    for (const statement of indexStatements(capture, present?.indexes ?? [])) {
      if (/ concurrently /i.test(statement.sql)) await runStatements(client, [statement]);
      else await alter(statement);
    }
  });
}
