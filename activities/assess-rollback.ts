import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { readIdentity } from '../adapters/postgres-identity';
import { permanent } from '../contract/failures';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { RollbackCase, ServerIdentity, World } from '../contract/world';
import { forecastFill } from '../sql/fill';
import type { FillForecast } from '../sql/fill';
import type { RolloutRow } from '../sql/state';
import { findBackups, readRecord, requireProven } from './backup-folder';
import type { BackupRecord } from './backup-folder';
import { loadBackupKeys } from './backup-keys';
import { readRowsOf } from './check-revision';
import { identityOf } from './check-server';
import { systemIdentifierOf, withDatabase } from './database';
import type { Environment, FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { readWorld, servingRelease } from './look-at-world';

/**
 * What a rollback would do and lose, from state row, catalogue and backup; no workflow's memory is needed. Guards against
 * a loss that nobody has seen before it was approved: it restores the backup and counts. Changes nothing.
 */
export function createAssessRollback({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['assessRollback'] {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = find(input.target);
      const release = await servingRelease(environment);
      return withDatabase(
        environment,
        'assess',
        async (client) => {
          const found = await assess(client, environment, input, signal);
          return { ...found, world: { ...found.world, ...(release !== undefined && { release }) } };
        },
        signal,
      );
    });
}

type Input = Parameters<EnvironmentActivities['assessRollback']>[0];
type Assessed = RollbackCase & { plan: Plan };

const nothing = { rows: 0, owners: 0 };

async function assess(
  client: PostgresClient,
  environment: Environment,
  input: Input,
  signal: AbortSignal,
): Promise<Assessed> {
  const { row, record, refused } = await findRollout(client, environment, input);
  const { workflowId, firstRun, planDigest, requesters } = row;
  const plan = record?.plan ?? input.plan;
  if (plan === undefined) {
    const message = `expected a backup of ${workflowId} that says what its plan was, found none in the settings' folder`;
    throw permanent('BackupNotProven', `${message}; bring the folder back, or name target and plan`);
  }
  const world = await readWorld(client, { removes: plan.removes, revision: plan.revision }, row);
  const since = record?.receipt.takenAt ?? row.changedAt;
  const base = {
    ...{ world, plan, identity: await identify(client), rollout: { workflowId, firstRun, planDigest, requesters } },
    ...{ loss: { ...nothing, since }, restorable: nothing },
  };
  if (world.row !== 'dropped') return { ...base, findings: [] };
  const findings = [...checkWorld(world, plan), checkBackup(record, refused)];
  if (record === undefined) return { ...base, findings };
  const { id, sha256, takenAt } = record.receipt;
  const backup = { id, sha256, takenAt };
  const forecast = await forecastRollback(client, environment, record, signal);
  const { restorableRows, restorableOwners, lostRows, lostOwners } = forecast;
  return {
    ...{ ...base, backup, findings },
    loss: { rows: lostRows, owners: lostOwners, since },
    restorable: { rows: restorableRows, owners: restorableOwners },
  };
}

interface FoundRollout {
  row: RolloutRow;
  record?: BackupRecord;
  /** Why the backups that are there are of no use. */
  refused: string[];
}

/** The latest rollout that has dropped, of those that were meant; else the latest one. */
async function findRollout(
  client: PostgresClient,
  environment: Environment,
  { target, rollout, plan }: Input,
): Promise<FoundRollout> {
  const rows = (await readRowsOf(client, target)).filter(
    ({ workflowId }) => rollout === undefined || workflowId === rollout,
  );
  const dropped = rows.filter(({ state }) => state === 'dropped');
  const row = dropped[0] ?? rows[0];
  if (row === undefined) {
    const which = rollout ?? `${target} with plan ${plan?.name ?? '?'}`;
    const found = `found none in rubicon.rollout of ${environment.name}; nothing was dropped by it`;
    throw permanent('WrongWorld', `expected a rollout ${which}, ${found}`);
  }
  return { row, ...(await findProven(environment, row)) };
}

async function findProven(environment: Environment, row: RolloutRow): Promise<Omit<FoundRollout, 'row'>> {
  const refused: string[] = [];
  for (const id of await findBackups(environment, row)) {
    try {
      return { record: await requireProven(environment, id, row.planDigest), refused };
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { refused };
}

function checkBackup(record: BackupRecord | undefined, refused: string[]): Finding {
  return finding('backup', record !== undefined, {
    expected: 'a backup of this rollout that is proven and unchanged',
    found: record?.receipt.id ?? (refused.join('; ') || 'none'),
    remedy:
      "bring the settings' backup folder back as it was (every file is needed); without it new keys must be handed out",
  });
}

function checkWorld(world: World, { revision }: Plan): Finding[] {
  const columns = finding('removed columns', world.data === 'dropped', {
    expected: 'not there',
    found: world.data,
    remedy: 'somebody has added them again: look at them, and drop them if they are empty',
  });
  if (revision === undefined) return [columns];
  const found = world.revision ?? 'not one row';
  const remedy = `somebody has moved it on: bring the schema back to ${revision.to} first`;
  const facts = { expected: revision.to, found, remedy };
  return [columns, finding('revision', world.revision === revision.to, facts)];
}

async function forecastRollback(
  client: PostgresClient,
  environment: Environment,
  record: BackupRecord,
  signal: AbortSignal,
): Promise<FillForecast> {
  await loadBackupKeys(client, environment, record, signal);
  const { rows } = await client.query<FillForecast>(forecastFill(removalsOf(record.plan)));
  if (rows[0] === undefined) throw new PostgresError('expected a forecast, found no row');
  return rows[0];
}

/** @throws `WrongWorld` where the role may not read it: then no decision could be bound to this server */
async function identify(client: PostgresClient): Promise<ServerIdentity> {
  await systemIdentifierOf(client);
  const identity = identityOf(await readIdentity(client));
  if (identity !== undefined) return identity;
  throw permanent('WrongWorld', 'expected to read the timeline of the server, found no right to; grant execute on it');
}
