import type { PerformOfPlan } from '../statements/of-known-plan';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { finding, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { revisionBack } from '../../sql/revision';
import { requireAllowed, requireDropped, requireOwnDigest } from '../decisions/rollback-decisions';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import { withSession } from '../environment/database';
import { withHeartbeat } from '../environment/heartbeat';
import { requireDroppedRecord } from '../catalogue/dropped-record';
import { readRevisionOf } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';
import { rollbackVerbsOf } from './kinds/kinds';
import { besideReadersLockMs } from '../schema-change/acquire-with-retry';

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
      return withSession({ environment, signal }, 'finish', async (session) => {
        const { client } = session;
        await requireRightServer(session);
        await requireAllowed(session, deps, input);
        await client.query('set statement_timeout = 0'); // an index is one statement; the signal is its limit
        const { captured } = await requireDroppedRecord(client, { ...input.rollout, planDigest: input.planDigest });
        const { verbs, dropped } = rollbackVerbsOf(input.plan, captured);
        const findings = await verbs.checkRefilled(session, input, dropped);
        if (obstacles(findings).length > 0) return findings;
        findings.push(...(await verbs.finish(session, dropped)));
        if (obstacles(findings).length > 0) return findings;
        await failPoint('finish restore: before the revision');
        findings.push(await turnBack(client, input));
        await failPoint('finish restore: after');
        return findings;
      });
    });
}

/** The state row follows when all is done, with the guard: until then it can be begun again. */
async function turnBack(client: PostgresClient, input: RestoreInput): Promise<Finding> {
  const { plan } = input;
  await withTransaction(client, { lockTimeoutMs: besideReadersLockMs, idleInTransactionTimeoutMs: 5_000 }, async () => {
    await requireDropped(client, input);
    if (plan.revision === undefined || (await readRevisionOf(client, plan.revision)) === plan.revision.from) return;
    await runStatements(client, [revisionBack(plan.revision)]);
  });
  const expected = plan.revision?.from ?? 'no revision in the plan';
  const found = (await readRevisionOf(client, plan.revision)) ?? expected;
  const remedy = 'someone has changed it since: bring it back by hand';
  return finding('revision', found === expected, { expected, found, remedy });
}
