import type { Temporal } from '../../adapters/temporal';
import { toMs } from '../../contract/text/duration';
import type { EffectInput, MaintenanceOrder } from '../../contract/activities/effect-inputs';
import { beginMaintenance, endMaintenance } from '../../sql/maintenance';
import { allowEffect, noPlan } from '../decisions/allow-effect';
import type { RolloutDeps } from '../decisions/rollout-decisions';
import { withDatabase } from '../environment/database';
import { decidesAlone, type ActionWithCheck, type Environment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { PerformOfPlan } from '../statements/of-known-plan';
import { closeLease, openLease } from './maintenance-lease';
import { holdsAlready, performAction, type Performance } from '../actions/perform-action';
import { servingRelease } from '../actions/serving';

/** What a change of maintenance needs. */
export interface MaintenanceDeps extends RolloutDeps {
  temporal: Pick<Temporal, 'start' | 'signal'>;
}

/**
 * Turns maintenance on or off and waits until it is. Guards against people who wait in a maintenance that nobody ends: the
 * lease is open before it goes on, and is closed only after it is seen to be off. In production it goes on by a decision alone, for
 * no longer than the plan says, and its database knows until when; it may always be turned off.
 *
 * Safe to run twice: it looks first, and nothing happens if it is as wanted already.
 *
 * @throws `ActionFailed` if it is not as wanted within the action's limit; `NotDecided`
 */
export function createSetMaintenance(deps: MaintenanceDeps): PerformOfPlan<'setMaintenance'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      const { maintenance } = environment.application.actions;
      if (maintenance === undefined) return;
      await (order.on
        ? turnOn({ environment, signal, maintenance }, deps, order)
        : turnOff({ environment, signal, maintenance }, deps));
    });
}

interface At {
  environment: Environment;
  signal: AbortSignal;
  maintenance: ActionWithCheck;
}

async function turnOn(at: At, deps: MaintenanceDeps, order: MaintenanceOrder & Partial<EffectInput>): Promise<void> {
  const { environment } = at;
  const { run, plan, planDigest } = order;
  if (plan === undefined || planDigest === undefined) throw noPlan('maintenance goes on');
  const decided = { ...order, plan, planDigest };
  await allowEffect(environment, deps, decided);
  const deadlineMs = Math.min(order.deadlineMs, toMs(plan.durations.maintenance));
  await openLease(deps.temporal, { run, environment: environment.name, deadlineMs });
  await note(environment, async (client) => {
    const served = await servingRelease(environment, plan.release);
    await client.query(beginMaintenance, [run.workflowId, run.firstRun, deadlineMs, served ?? null]);
  });
  await bring(at, true);
}

async function turnOff(at: At, { temporal }: MaintenanceDeps): Promise<void> {
  const { environment } = at;
  await bring(at, false);
  await note(environment, (client) => client.query(endMaintenance));
  await closeLease(temporal, { target: environment.target, environment: environment.name });
}

/** As wanted, by the action of the settings; nothing happens if it is already. */
export async function bring({ environment, signal, maintenance }: At, on: boolean): Promise<void> {
  const aim = `maintenance ${on ? 'on' : 'off'} in ${environment.name}`;
  const performance: Performance = { aim, name: 'maintenance', parameters: { on }, signal };
  if (await holdsAlready(environment, maintenance, performance)) return;
  await performAction(environment, maintenance, performance);
}

/** In production alone: staging decides by itself, and nobody is served there. */
async function note(environment: Environment, how: Parameters<typeof withDatabase<unknown>>[2]): Promise<void> {
  if (!decidesAlone(environment)) await withDatabase(environment, 'maintenance', how);
}
