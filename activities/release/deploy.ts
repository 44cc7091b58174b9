import { setTimeout as rest } from 'node:timers/promises';
import { readableDuration } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import { allowRelease } from '../decisions/allow-release';
import type { RolloutDeps } from '../decisions/rollout-decisions';
import type { Environment } from '../environment/environment';
import type { PerformOfPlan } from '../statements/of-known-plan';
import { readServing } from '../actions/serving';
import { withHeartbeat } from '../environment/heartbeat';
import { performAction } from '../actions/perform-action';

/** How long to wait for somebody else's deployment, where the settings name no action. */
const waitLimitMs = 300_000;
const everyMs = 500;

/**
 * Brings a release into service, or waits until somebody else has, and believes only what tells the release. Guards against a
 * deployment that says "done" while the old release still serves.
 *
 * Safe to run twice: if the release serves already, nothing happens, unless a machine may be bringing another one.
 *
 * @throws `NotDecided`, `WrongState` for a release that this run may not bring; `ActionFailed` if it does not serve within the action's limit, or a person has to do it
 */
export function createDeploy(deps: RolloutDeps): PerformOfPlan<'deploy'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const { run, whateverServes = false } = order;
      const environment = deps.environment(run.target);
      const release = await allowRelease(environment, deps, order);
      const startedAt = performance.now();
      const took = (): number => Math.round(performance.now() - startedAt);
      const action = environment.application.actions.deploy;
      const maybeOnItsWay = whateverServes && action !== undefined && !('person' in action.action);
      if (!maybeOnItsWay && (await servedRelease(environment, release, signal)).release === release) {
        return { release, tookMs: took(), changed: false };
      }
      const limitMs = action?.limitMs ?? waitLimitMs;
      if (action !== undefined) {
        const aim = `release "${release}" in ${environment.name}`;
        await performAction(environment, action, { aim, name: 'deploy', parameters: { release }, signal });
      }
      await untilServed(environment, release, { limitMs, signal });
      return { release, tookMs: took(), changed: true };
    });
}

async function untilServed(
  environment: Environment,
  release: string,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
): Promise<void> {
  const limitAt = performance.now() + limitMs;
  for (;;) {
    const health = await servedRelease(environment, release, signal);
    if (health.release === release) return;
    if (performance.now() + everyMs > limitAt) {
      throw permanent(
        'ActionFailed',
        `expected ${environment.name} to serve release "${release}" within ${readableDuration(limitMs)}, ` +
          `found ${health.found}; deploy it or find out why it does not start, then answer "retry"`,
      );
    }
    await rest(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** A release that is not healthy does not serve. */
async function servedRelease(environment: Environment, wanted: string, signal: AbortSignal) {
  const { healthy, release, found } = await readServing(environment, [wanted], signal);
  return { found, ...(healthy && release !== undefined ? { release } : {}) };
}
