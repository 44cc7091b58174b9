import type { PostgresClient } from '../adapters/postgres';
import { captureColumn } from '../adapters/postgres-catalogue';
import type { ColumnCapture } from '../adapters/postgres-catalogue';
import { countClasses } from '../adapters/postgres-classes';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { canonicalJson } from '../contract/canonical-json';
import { permanent } from '../contract/failures';
import { finding, obstacles } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import type { Plan, Removal } from '../contract/plan';
import type { EnvironmentActivities, RestoreInput } from '../contract/steps';
import { provenOrSentinel } from '../sql/fill';
import { constraintStatements, indexStatements } from '../sql/restore';
import { revisionBack } from '../sql/revision';
import { turnRolledBack } from '../sql/state';
import { requireProven } from './backup-folder';
import { withDatabase } from './database';
import { withHeartbeat } from './heartbeat';
import { readRevisionOf, readRow } from './look-at-world';
import { requireRightServer } from './point-of-no-return';
import { requireAllowed, requireOwnDigest } from './rollback-decisions';
import type { RestoreDeps } from './rollback-decisions';

/**
 * Constraints, indexes, a comparison with what was captured, then revision and state row in one transaction. Guards
 * against a way back that looks right and is not: another type, a full index for a partial one, a key that is nobody's.
 *
 * Safe to run again: builds what is missing only; a state row that is `rolled-back` is left alone.
 */
export function createFinishRestore(deps: RestoreDeps): EnvironmentActivities['finishRestore'] {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const { captured } = await requireProven(environment, input.backup, input.planDigest);
      return withDatabase(
        environment,
        'finish',
        async (client) => {
          await requireRightServer(client, environment);
          await requireAllowed(client, deps, environment, input);
          await client.query('set statement_timeout = 0'); // an index is one statement; the signal is its limit
          const rows = await checkRows(client, input.plan, signal);
          if (obstacles(rows).length > 0) return rows;
          for (const capture of captured) await build(client, capture);
          const findings = [...rows, ...(await compare(client, captured))];
          if (obstacles(findings).length > 0) return findings;
          return [...findings, await turnBack(client, input)];
        },
        signal,
      );
    });
}

/** Rows that the new release writes meanwhile have no key yet; the next fill gives it to them. */
async function checkRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes' | 'proof'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const removal of removalsOf(plan)) findings.push(await checkTable(client, removal, plan.proof, signal));
  return findings;
}

async function checkTable(
  client: PostgresClient,
  removal: Removal,
  proof: string,
  signal: AbortSignal,
): Promise<Finding> {
  const { schema, table, column: removed, replacedBy: replacement } = removal;
  const query = { schema, table, removed, replacement, proof: provenOrSentinel(removal, proof) };
  const onRange = () => signal.throwIfAborted();
  const counts = await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () =>
    countClasses(client, query, { onRange }),
  );
  const { mismatch, keyWithoutHash, hashWithoutKey } = counts;
  return finding(`filled rows of ${table}`, mismatch === 0 && keyWithoutHash === 0, {
    expected: 'the key of its hash, or the sentinel, in each row with a hash',
    found: `${mismatch} wrong, ${keyWithoutHash} without a hash, ${hashWithoutKey} not filled yet`,
    remedy: 'somebody has written keys meanwhile: find out who, empty those rows, then answer "retry"',
    evidence: counts,
  });
}

async function build(client: PostgresClient, capture: ColumnCapture): Promise<void> {
  for (const statement of constraintStatements(capture)) await runStatements(client, [statement]);
  const present = await captureColumn(client, capture, capture.column);
  for (const statement of indexStatements(capture, present?.indexes ?? [])) await runStatements(client, [statement]);
}

/** Captures each column again: all of it must be as it was. */
async function compare(client: PostgresClient, captured: readonly ColumnCapture[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const before of captured) {
    const now = await captureColumn(client, before, before.column);
    const differing = Object.entries(before)
      .filter(([field, value]) => canonicalJson(value) !== canonicalJson(now?.[field as keyof ColumnCapture] ?? null))
      .map(([field]) => field);
    findings.push(
      finding(`column ${before.table}.${before.column}`, now !== undefined && differing.length === 0, {
        expected: 'as it was captured before the drop',
        found: now === undefined ? 'not there' : differing.length === 0 ? 'the same' : `other ${differing.join(', ')}`,
        remedy: 'compare it with record.json of the backup, mend it by hand, then answer "retry"',
      }),
    );
  }
  return findings;
}

async function turnBack(client: PostgresClient, { plan, rollout }: RestoreInput): Promise<Finding> {
  await withTransaction(client, { lockTimeoutMs: 5_000, idleInTransactionTimeoutMs: 5_000 }, async () => {
    const turned = await client.query(turnRolledBack, [rollout.workflowId, rollout.firstRun]);
    if (turned.rowCount === 1) {
      if (plan.revision !== undefined) await runStatements(client, [revisionBack(plan.revision)]);
      return;
    }
    const row = await readRow(client, rollout);
    if (row?.state === 'rolled-back') return;
    const found = `found "${row?.state ?? 'no row'}"; the revision was left as it is`;
    throw permanent('WrongWorld', `expected the state row of ${rollout.workflowId} to be "dropped", ${found}`);
  });
  const expected = plan.revision?.from ?? 'no revision in the plan';
  const found = (await readRevisionOf(client, plan.revision)) ?? expected;
  const remedy = 'somebody has changed it since: bring it back by hand';
  return finding('revision', found === expected, { expected, found, remedy });
}
