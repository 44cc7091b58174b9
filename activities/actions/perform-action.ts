import { runAction, type ActionParameters } from '../../adapters/application/action';
import { waitUntil } from '../../adapters/application/action-check';
import { readableDuration } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { ActionWithCheck, Environment } from '../environment/environment';

/** One look at a check; what hangs longer does not hold. */
const lookMs = 10_000;

/** One run of an action of the settings. */
export interface Performance {
  /** What it is for, as the object of "expected": `maintenance on`. */
  aim: string;
  /** Name in the settings. */
  name: string;
  parameters: ActionParameters;
  signal: AbortSignal;
}

/** Whether an action's check holds already. Without a check nobody knows, so it does not. */
export async function holdsAlready(
  environment: Environment,
  { check }: ActionWithCheck,
  { parameters, signal }: Performance,
): Promise<boolean> {
  if (check === undefined) return false;
  const secrets = secretsOf(environment);
  const { kind } = await waitUntil(check, { parameters, limitMs: lookMs, everyMs: lookMs, signal, secrets });
  return kind === 'held';
}

/**
 * Runs an action of the settings and waits until its check holds; both together may take its limit. An action that says
 * no is looked after all the same: it may have had its effect.
 *
 * @throws `ActionFailed` if the check does not hold in time, or if a person has to do it
 */
export async function performAction(
  environment: Environment,
  { action, check, limitMs }: ActionWithCheck,
  { aim, name, parameters, signal }: Performance,
): Promise<void> {
  const secrets = secretsOf(environment);
  const startedAt = performance.now();
  const outcome = await runAction(action, { parameters, timeoutMs: limitMs, signal, secrets });
  if (outcome.kind === 'person') {
    throw permanent(
      'ActionFailed',
      `expected ${aim}; a person has to do it: ${outcome.instruction}; then answer "retry"`,
    );
  }
  const leftMs = Math.max(1_000, Math.ceil(limitMs - (performance.now() - startedAt)));
  const patience = outcome.kind === 'done' ? { limitMs: leftMs } : { limitMs: lookMs, everyMs: lookMs };
  const held = check && (await waitUntil(check, { parameters, ...patience, signal, secrets }));
  if (held === undefined ? outcome.kind === 'done' : held.kind === 'held') return;
  const faults = [
    ...(outcome.kind === 'done' ? [] : [`the action "${name}" says: ${outcome.reason}`, ...outcome.output.slice(-1)]),
    ...(held === undefined ? [] : [`its check says: ${held.last}`]),
  ];
  throw permanent(
    'ActionFailed',
    `expected ${aim} within ${readableDuration(limitMs)}, found: ${faults.join('; ')}; ` +
      `bring it about by hand or fix the action "${name}" in the settings, then answer "retry"`,
  );
}

/** What must not come back in the output of an action. */
export const secretsOf = ({ postgresUrl, redisUrl, application, secrets = [] }: Environment): string[] =>
  [postgresUrl, redisUrl, application.probeKey, application.maintenanceBypass?.value, ...secrets].filter(
    (secret) => secret !== undefined,
  );
