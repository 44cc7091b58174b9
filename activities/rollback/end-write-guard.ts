import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { finding, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import { removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { possibleRelations } from '../../sql/lock';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { closeOpenRows, countOpenRows } from '../../sql/saved-values/placeholder-statements';
import { unguardStatements } from '../../sql/write-guard';
import { turnRolledBack } from '../../sql/state';
import { quoted } from '../../sql/quoted-statement';
import { servingRelease } from '../actions/serving';
import { withSession } from '../environment/database';
import { endLeftDdl } from '../schema-change/exclusive-session';
import { withHeartbeat } from '../environment/heartbeat';
import { lockAllTables } from '../schema-change/lock-tables';
import { namingBlockers } from '../schema-change/name-blockers';
import { forgetMap } from '../backup/new-keys-folder';
import { requireRightServer } from '../state/point-of-no-return';
import { requireAllowed, requireDropped, requireOwnDigest } from '../decisions/rollback-decisions';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Ends the guard of the restored columns, and turns the state row: the last effect of a rollback. Guards against rows
 * that are open to everybody, by looking for any, and for a release that still writes rows without a key.
 *
 * Safe to run again: triggers that are gone are gone.
 */
export function createEndWriteGuard(deps: RestoreDeps): PerformOfPlan<'endWriteGuard'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const { plan, rollout } = input;
      return acquireWithRetry(ddlOrder(plan, { what: 'the end of the write guard', signal }), () =>
        withSession({ environment, signal }, 'guard', async (session) => {
          const { client } = session;
          await client.query('set statement_timeout = 0'); // it counts large tables; the signal is its limit
          await requireRightServer(session);
          if (plan.byAction !== undefined) await endLeftDdl(session);
          await requireDropped(client, input);
          await requireAllowed(session, deps, input);
          const findings = [
            writesKeys(plan, await servingRelease(environment, plan.release)),
            ...(await closedRows(client, plan)),
          ];
          if (obstacles(findings).length > 0) return findings;
          await end(client, input);
          await failPoint('end guard: after');
          if (input.newKeys !== undefined) await forgetMap(environment, input.newKeys.id, rollout);
          return [...findings, ...(await closedRows(client, plan))]; // once more: nobody closes them any longer
        }),
      );
    });
}

function writesKeys({ release }: Plan, serves: string | undefined): Finding {
  return finding('old release', serves === undefined ? 'unknown' : serves === release.from, {
    expected: release.from,
    found: serves ?? 'no answer',
    remedy: 'the write guard stays on, which does no harm; find out who has deployed another one, then answer "retry"',
  });
}

async function closedRows(client: PostgresClient, plan: Plan): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const removal of replacedOf(removalsOf(plan))) {
    const { rows } = await client.query<{ count: number }>(countOpenRows(removal));
    const open = rows[0]?.count;
    findings.push(
      finding(
        `rows of ${shortTableName(removal)} that are open to everyone`,
        open === undefined ? 'unknown' : open === 0,
        {
          expected: 'no row with a hash and without a key',
          found: `${open ?? '?'}`,
          remedy: `someone has removed the write guard: close them (${quoted(closeOpenRows(removal))}), flush the cache, then answer "retry"`,
        },
      ),
    );
  }
  return findings;
}

/** With the state row: until then the rollback can be begun again, and finds what is done. */
const end = (client: PostgresClient, { plan, rollout }: RestoreInput): Promise<void> =>
  namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await client.query(turnRolledBack, [rollout.workflowId, rollout.firstRun]);
      await lockAllTables(client, plan, 'access exclusive');
      await runStatements(client, unguardStatements(plan));
      await failPoint('end guard: before commit');
    }),
  );
