import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readIdentity } from '../../adapters/server/identity';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import { isKeptByRow, traitsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { LostValue, RollbackCase } from '../../contract/run/rollback-case';
import type { ServerIdentity } from '../../contract/run/observed-state';
import type { RolloutRow } from '../../sql/state';
import { isDerivable } from '../../sql/saved-values/fill-proven';
import { closeRowSource } from '../../sql/write-guard';
import { checkMarker } from '../state/check-marker';
import { triggerRight } from '../server-checks/check-standing-rights';
import { identityOf } from '../server-checks/check-server';
import { findWholeCopy } from '../backup/copy-values';
import { systemIdentifierOf, withSession } from '../environment/database';
import { findDroppedRecord } from '../catalogue/dropped-record';
import type { Session } from '../environment/session';
import { servingRelease } from '../actions/serving';
import { findProven, findRow } from '../new-keys/find-dropped';
import type { FoundBackup } from '../new-keys/find-dropped';
import { forecastRollback } from './forecast-rollback';
import { withHeartbeat } from '../environment/heartbeat';
import { readObservedState } from '../state/observe-state';
import { checkBackup, checkRecord, checkRevision, checkThere, noRollback, unusable } from './assessment-findings';
import { checkNewKeys } from '../new-keys/new-keys';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import type { Electorate } from '../decisions/voters';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

/**
 * What a rollback would do and lose, from state row, catalogue and backup; no workflow's memory is needed. Guards against
 * a loss that nobody has seen before it was approved: it counts, by the hashes that the backup has keys for. Changes
 * nothing.
 *
 * @throws `BackupNotProven` if nobody knows any more what the plan was
 */
export function createAssessRollback({ environment: find, electorate }: RestoreDeps): PerformOfPlan<'assessRollback'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = find(input.target);
      const { plan, ...found } = await withSession({ environment, signal }, 'assess', (session) =>
        assess(session, electorate, input),
      );
      const release = await servingRelease(environment, plan.release);
      const isAsOrdered = input.plan !== undefined && digestOf(input.plan) === digestOf(plan);
      return {
        ...found,
        ...(!isAsOrdered && { plan }),
        observed: { ...found.observed, ...(release !== undefined && { release }) },
      };
    });
}

type Input = OfKnownPlan<'assessRollback'>;
type Assessed = RollbackCase & { plan: Plan };

const nobody = { rows: 0, values: 0 };

async function assess(session: Session, electorate: Electorate | undefined, input: Input): Promise<Assessed> {
  const { client } = session;
  await client.query('set statement_timeout = 0'); // counting large tables; the signal is its limit
  const row = await findRow(session, { ...input, planName: input.plan?.name });
  const backup = row === undefined ? { refused: [] } : await findProven(session, row);
  const { record } = backup;
  const dropped = row && (await findDroppedRecord(client, row));
  const plan = dropped?.plan ?? record?.plan ?? input.plan ?? planUnknown(input, backup);
  const observed = await readObservedState(session, plan, row ?? { workflowId: '', firstRun: '' });
  const since = record?.receipt.takenAt ?? row?.changedAt ?? new Date().toISOString();
  const rollout = rolloutOf(row, input, plan);
  const base = { observed, plan, identity: await identify(client), rollout, restorable: nobody };
  if (observed.row !== 'dropped')
    return { ...base, loss: { ...nobody, since, becomes: becomesOf(plan) }, findings: [] };

  if (plan.restore === 'none')
    return { ...base, loss: { ...nobody, since, becomes: becomesOf(plan) }, findings: [noRollback(plan)] };
  const copies = row ? await findWholeCopy(session, row, row.planDigest) : { refused: [] };
  const { record: copy } = copies;
  const newKeys = record === undefined && copy === undefined && !isKeptByRow(plan);
  const findings = [
    await checkMarker(session),
    checkRecord(dropped),
    await checkThere(session, observed, dropped),
    ...checkRevision(observed, plan),
    ...(traitsOf(plan).hasValues && copy === undefined && !newKeys && !isDerivable(plan) ? [checkBackup(backup)] : []),
    ...(newKeys
      ? [
          unusable([...copies.refused, ...backup.refused]),
          ...(await checkNewKeys(
            client,
            { electorate, requesters: input.requesters ?? [] },
            { plan, captured: dropped?.captured ?? [] },
          )),
        ]
      : []),
    await triggerRight(client, 'right to set a write guard', { name: 'close_row', source: closeRowSource }),
  ];
  const becomes = becomesOf(plan, newKeys);
  if (dropped === undefined) return { ...base, loss: { ...nobody, since, becomes }, findings };
  const forecast = await forecastRollback(session, dropped, { copy, backup: record });
  return {
    ...{ ...base, findings, ...(newKeys && { newKeys }) },
    ...(record && { backup: { ...named(record.receipt), sha256: record.receipt.sha256 } }),
    ...(copy && { copy: { ...named(copy.receipt), pairs: copy.receipt.pairs } }),
    loss: { rows: forecast.lostRows, values: forecast.lostValues, since: copy?.receipt.takenAt ?? since, becomes },
    restorable: { rows: forecast.restorableRows, values: forecast.restorableValues },
  };
}

const named = ({ id, takenAt }: { id: string; takenAt: string }) => ({ id, takenAt });

/** What becomes of a row whose own value is in no copy. */
function becomesOf(plan: Plan, newKeys = false): LostValue {
  if (newKeys) return 'new key';
  if (!isKeptByRow(plan)) return 'placeholder';
  return plan.proof === undefined ? 'as in the backup' : 'empty';
}

/** Without a row nothing of ours has happened here. */
function rolloutOf(row: RolloutRow | undefined, input: Input, plan: Plan): RollbackCase['rollout'] {
  if (row === undefined) {
    return { workflowId: input.rollout ?? '', firstRun: '', planDigest: digestOf(plan), requesters: [] };
  }
  const { workflowId, firstRun, planDigest, requesters } = row;
  return { workflowId, firstRun, planDigest, requesters };
}

function planUnknown({ target, rollout }: Input, { refused }: FoundBackup): never {
  const of = rollout ?? `the latest rollout of ${target}`;
  const found = refused.join('; ') || 'none';
  const message = `expected a proven backup of ${of} that says what its plan was, found ${found}`;
  throw permanent('BackupNotProven', `${message}; bring the settings' backup folder back, or name target and plan`);
}

/** @throws `WrongState` where the role may not read it: then no decision could be bound to this server */
async function identify(client: PostgresClient): Promise<ServerIdentity> {
  await systemIdentifierOf(client);
  const identity = identityOf(await readIdentity(client));
  if (identity !== undefined) return identity;
  const remedy = 'grant execute on function pg_control_checkpoint() to the role of the worker';
  throw permanent('WrongState', `expected to read the timeline of the server, found no right to; ${remedy}`);
}
