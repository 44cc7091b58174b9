import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { installAudit } from '../looks/ddl-audit';
import { holdLock, untilWaiting, waitingSessions, type Obstacle } from '../looks/obstacles';
import type { RolloutStage } from '../stages/rollout-stage';
import { until } from '../looks/until';
import type { WorkerProcesses } from '../servers/worker-processes';
import { platformState } from '../stages/observed';

/** What a worker can be doing in the moment of its death. */
export type Place = 'soak' | 'gate' | 'backup' | 'proof' | 'new release' | 'trial' | 'drop' | 'monitor';

interface Scene {
  stage: RolloutStage;
  workers: WorkerProcesses;
  handle: WorkflowHandle;
}

/**
 * Carries a rollout to its end while its worker is killed at each of these places, and another one takes over. Planted
 * at the gate, since preflight refuses a database with event triggers: an audit of what is then done in production.
 */
export async function rolloutKilledAt(
  stage: RolloutStage,
  workers: WorkerProcesses,
  places: readonly Place[],
): Promise<{ handle: WorkflowHandle; facts: Facts }> {
  const { production } = stage.databases;
  const handle = await stage.start();
  const scene = { stage, workers, handle };
  const dies = (place: Place): boolean => places.includes(place);

  if (dies('soak')) {
    await stage.until(handle, ({ waiting }) => waiting?.for === 'soak');
    await workers.replace();
  }
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  const dumped = dies('backup') ? await holdLock(production, 'lock table usage_events in access exclusive mode') : none;
  await vote(scene, 'anna');
  if (dies('gate')) await workers.replace();
  await vote(scene, 'ben');

  if (dies('backup')) await dieInTheDump(scene, dumped);
  if (dies('proof')) await dieInTheProof(scene);
  if (dies('new release')) await dieInMaintenance(scene);
  await stage.until(handle, ({ steps }) => steps.some(isLookDone), 120_000); // which would find the audit's own trigger
  await installAudit(production.url);
  if (dies('trial')) await dieWatching(scene, 'trial');
  if (dies('drop')) await dieInTheDrop(scene);
  if (dies('monitor')) await dieWatching(scene, 'monitor');
  const facts = await stage.until(handle, ({ outcome }) => outcome !== undefined, 120_000);
  return { handle, facts };
}

const isLookDone = ({ name, state }: Facts['steps'][number]): boolean =>
  name === 'production: re-check' && state === 'done';

const none: Obstacle = { lift: () => Promise.resolve() };

async function vote({ stage, handle }: Scene, person: 'anna' | 'ben'): Promise<void> {
  const answer = await stage.decide(handle, 'approve', { code: stage.codeOf(person) });
  if (!answer.accepted) throw new Error(`${person}: ${answer.because}`);
}

/** `pg_dump` has no parent any more and waits for a lock; then it gets it. */
async function dieInTheDump({ stage, workers }: Scene, dumped: Obstacle): Promise<void> {
  await untilWaiting(stage.databases.production, 'rubicon agent-api production backup dump %');
  await workers.replace(() => dumped.lift());
}

async function dieInTheProof({ stage, workers, handle }: Scene): Promise<void> {
  await stage.until(handle, ({ steps }) => steps.some(({ name }) => name === 'production: backup and proof'));
  await until(() => workers.scratchLeft().length > 0, 60_000);
  await workers.replace();
}

async function dieInMaintenance({ stage, workers }: Scene): Promise<void> {
  await until(async () => (await platformState(stage, 'production'))['maintenance'] === true, 60_000);
  await workers.replace();
}

/** The drop waits behind a reader when its worker dies, and still when the next worker tries: then the reader ends. */
async function dieInTheDrop({ stage, workers, handle }: Scene): Promise<void> {
  const { production } = stage.databases;
  await stage.until(handle, ({ waiting }) => waiting?.for === 'trial', 120_000); // a longer transaction would be seen before
  const revision = await holdLock(production, 'select from alembic_version for update');
  await untilWaiting(production, drops); // for the row of the revision: hide and trial are done
  const reader = await holdLock(production, 'select from sessions limit 1');
  await revision.lift();
  await untilWaiting(production, drops, 'lock table%');
  await workers.replace();
  await untilWaiting(production, drops, 'lock table%');
  const atOnce = await waitingSessions(production, drops);
  if (atOnce.length > 1) throw new Error(`expected one drop at work, found ${atOnce.map(({ pid }) => pid).join(', ')}`);
  await reader.lift();
}

const drops = 'rubicon ddl agent-api production drop %';

/** Between two samples: Temporal waits, and no attempt is lost. */
async function dieWatching({ stage, workers, handle }: Scene, place: 'trial' | 'monitor'): Promise<void> {
  await stage.until(handle, ({ waiting }) => waiting?.for === place);
  await until(async () => {
    const { raw } = await handle.describe();
    const watching = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watch');
    return Number(watching?.state) === scheduled && (watching?.attempt ?? 0) > 1;
  }, 60_000);
  await workers.replace();
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED` */
const scheduled = 1;
