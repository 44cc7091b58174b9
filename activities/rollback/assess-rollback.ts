import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readIdentity } from '../../adapters/server/identity';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { isKeptByRow, nameOfRemoval, traitsOf, wordFor } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { LostValue, RollbackCase } from '../../contract/run/rollback-case';
import type { ServerIdentity, ObservedState } from '../../contract/run/observed-state';
import type { RolloutRow } from '../../sql/state';
import { isDerivable } from '../../sql/saved-values/fill-proven';
import { closeRowSource } from '../../sql/write-guard';
import { checkMarker } from '../state/check-marker';
import { triggerRight } from '../server-checks/check-rights';
import { identityOf } from '../server-checks/check-server';
import { findWholeCopy } from '../backup/copy-values';
import { systemIdentifierOf, withSession } from '../environment/database';
import { findDroppedRecord } from '../catalogue/dropped-record';
import type { DroppedRecord } from '../catalogue/dropped-record';
import type { Environment } from '../environment/environment';
import { servingRelease } from '../actions/serving';
import { findProven, findRow } from '../new-keys/find-dropped';
import type { FoundBackup } from '../new-keys/find-dropped';
import { forecastRollback } from './forecast-rollback';
import { withHeartbeat } from '../environment/heartbeat';
import { readObservedState } from '../state/observe-state';
import { rollbackVerbsOf } from './kinds/kinds';
import { checkNewKeys } from '../new-keys/new-keys';
import type { RestoreDeps } from '../approval/rollback-decisions';
import type { Electorate } from '../approval/voters';
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
      const { plan, ...found } = await withSession({ environment, signal }, 'assess', ({ client }) =>
        assess(client, { environment, electorate }, input, signal),
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

async function assess(
  client: PostgresClient,
  { environment, electorate }: { environment: Environment; electorate: Electorate | undefined },
  input: Input,
  signal: AbortSignal,
): Promise<Assessed> {
  await client.query('set statement_timeout = 0'); // counting large tables; the signal is its limit
  const row = await findRow(client, environment, { ...input, planName: input.plan?.name });
  const backup = row === undefined ? { refused: [] } : await findProven(environment, row, signal);
  const { record } = backup;
  const dropped = row && (await findDroppedRecord(client, row));
  const plan = dropped?.plan ?? record?.plan ?? input.plan ?? planUnknown(input, backup);
  const observed = await readObservedState({ client, environment }, plan, row ?? { workflowId: '', firstRun: '' });
  const since = record?.receipt.takenAt ?? row?.changedAt ?? new Date().toISOString();
  const rollout = rolloutOf(row, input, plan);
  const base = { observed, plan, identity: await identify(client), rollout, restorable: nobody };
  if (observed.row !== 'dropped')
    return { ...base, loss: { ...nobody, since, becomes: becomesOf(plan) }, findings: [] };

  if (plan.restore === 'none')
    return { ...base, loss: { ...nobody, since, becomes: becomesOf(plan) }, findings: [noRollback(plan)] };
  const copies = row ? await findWholeCopy({ environment, signal }, row, row.planDigest) : { refused: [] };
  const { record: copy } = copies;
  const newKeys = record === undefined && copy === undefined && !isKeptByRow(plan);
  const findings = [
    await checkMarker({ client, environment }),
    checkRecord(dropped),
    await checkThere(environment, client, observed, dropped),
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
    await triggerRight(client, 'right to guard', { name: 'close_row', source: closeRowSource }),
  ];
  const becomes = becomesOf(plan, newKeys);
  if (dropped === undefined) return { ...base, loss: { ...nobody, since, becomes }, findings };
  const forecast = await forecastRollback(client, environment, dropped, { copy, backup: record }, signal);
  return {
    ...{ ...base, findings, ...(newKeys && { newKeys }) },
    ...(record && { backup: { ...named(record.receipt), sha256: record.receipt.sha256 } }),
    ...(copy && { copy: { ...named(copy.receipt), pairs: copy.receipt.pairs } }),
    loss: { rows: forecast.lostRows, values: forecast.lostValues, since: copy?.receipt.takenAt ?? since, becomes },
    restorable: { rows: forecast.restorableRows, values: forecast.restorableValues },
  };
}

const noRollback = ({ removes }: Plan): Finding =>
  finding('way back', false, {
    expected: 'a copy of what was dropped',
    found: `none: the plan says "restore: none" of ${removes.map(nameOfRemoval).join(', ')}`,
    remedy:
      'nothing can be brought back here, as all who approved have read; go back to the old release by your platform',
  });

/** Why the old keys can't come back: one of these reasons may be mended. */
const unusable = (refused: string[]): Finding => ({
  check: 'copy and backup',
  status: 'not covered',
  expected: 'one of them, whole, with its identity',
  found: refused.join('; ') || 'no file of either',
  remedy: 'bring one of them back as it was: then every client keeps its key',
});

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

/** What an earlier attempt of a rollback has added is fine: it is as captured. */
async function checkThere(
  environment: Environment,
  client: PostgresClient,
  observed: ObservedState,
  record: DroppedRecord | undefined,
): Promise<Finding> {
  let isOurs = record !== undefined && observed.data === 'present';
  if (record !== undefined && isOurs) {
    const { verbs } = rollbackVerbsOf(record.plan, record.captured);
    for (const capture of record.captured) isOurs &&= await verbs.isAsCaptured({ client, environment }, capture);
  }
  return finding(
    `removed ${record === undefined ? 'data' : wordFor(record.plan)}`,
    observed.data === 'dropped' || isOurs,
    {
      expected: 'not there, or there as captured by an earlier attempt',
      found: isOurs ? 'there as captured' : observed.data,
      remedy: 'somebody has added them with another definition: look at them, and drop them if they are empty',
    },
  );
}

function checkRevision(observed: ObservedState, { revision, byAction }: Plan): Finding[] {
  if (revision === undefined) return [];
  const found = observed.revision ?? 'not one row';
  const remedy = `somebody has moved it on: bring the schema back to ${revision.to} first`;
  const facts = { expected: revision.to, found, remedy };
  // An earlier try came so far; or the platform's tool was told to drop them, and has not done it.
  const isOurs =
    observed.revision === revision.from &&
    (observed.writeGuard === true || (observed.data === 'present' && byAction?.drop !== undefined));
  return [finding('revision', observed.revision === revision.to || isOurs, facts)];
}

/** Written by the drop itself, in its transaction. */
function checkRecord(record: DroppedRecord | undefined): Finding {
  return finding('record of the drop', record !== undefined, {
    expected: 'plan and definitions in rubicon.dropped',
    found: record === undefined ? 'no row of this rollout' : 'there',
    remedy: 'somebody has taken it away: bring that row back from a backup of the database',
  });
}

function checkBackup({ record, refused }: FoundBackup): Finding {
  return finding('backup', record !== undefined, {
    expected: 'a backup of this rollout that is proven and unchanged',
    found: record?.receipt.id ?? (refused.join('; ') || 'none'),
    remedy: "bring the settings' backup folder back as it was (every file is needed)",
  });
}

/** @throws `WrongState` where the role may not read it: then no decision could be bound to this server */
async function identify(client: PostgresClient): Promise<ServerIdentity> {
  await systemIdentifierOf(client);
  const identity = identityOf(await readIdentity(client));
  if (identity !== undefined) return identity;
  const remedy = 'grant execute on function pg_control_checkpoint() to the role of the worker';
  throw permanent('WrongState', `expected to read the timeline of the server, found no right to; ${remedy}`);
}
