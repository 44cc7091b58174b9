import { runAction } from '../../adapters/application/action';
import type { Action, ActionParameters } from '../../adapters/application/action';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { toMs } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { Plan, PlanVerb } from '../../contract/plan/plan';
import type { Environment } from '../environment/environment';
import { secretsOf } from './perform-action';
import { toolSession } from '../schema-change/exclusive-session';
import { acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';

/** One change of the schema by the platform's migration tool. */
export interface Migration {
  /** What the plan gives to the platform. */
  verb: PlanVerb;
  plan: Plan;
  /** The one to migrate to, exactly. */
  revision: string;
  /** What the catalogue says, in words, or undefined when it is as wanted: the tool's own word counts for nothing. */
  lacks: () => Promise<string | undefined>;
  signal: AbortSignal;
}

/**
 * Lets the platform's migration tool change the schema, by the action that the plan names for this verb. Guards against a
 * tool that says "done" and is not, or failed and has done it: before and after, the catalogue decides. Its session gets
 * our `lock_timeout`, as far as it reads `PGOPTIONS`, and one that did not win its lock is run again.
 *
 * Safe to run again: where the catalogue is as wanted, nothing is run.
 *
 * @throws `ActionFailed` with what the tool said, `LockNotAcquired`
 */
export async function migrateByAction(environment: Environment, migration: Migration): Promise<void> {
  const { verb, plan, revision, lacks, signal } = migration;
  const action = requireAction(environment, plan, verb);
  const what = `the migration to ${revision}`;
  await acquireWithRetry(ddlOrder(plan, { what, signal, oneSession: true }), async () => {
    if ((await lacks()) === undefined) return;
    const parameters = { revision, verb };
    const run = withLimits(environment, action.action, plan);
    const said = await runIt(environment, run, { parameters, timeoutMs: action.limitMs, signal });
    const lacking = await lacks();
    if (lacking === undefined) return;
    const message = `expected ${what} by the action "${action.name}", found ${lacking}; it ended with ${said}`;
    if (/lock timeout|deadlock detected/i.test(said)) throw new PostgresError(message, { reaction: 'retry' });
    throw permanent('ActionFailed', `${message}; fix the action or run it by hand, then answer "retry"`);
  });
}

/** The action of the settings that a plan names. @throws `ActionFailed` where there is none */
export function requireAction(
  { application, name: environment }: Environment,
  plan: Pick<Plan, 'byAction'>,
  verb: PlanVerb,
) {
  const name = plan.byAction?.[verb] ?? '';
  const action = application.planActions?.[name];
  if (action !== undefined) return { ...action, name };
  throw permanent(
    'ActionFailed',
    `expected an action "${name}" in the settings of ${environment} (application.planActions), found none; add it, start the worker again, answer "retry"`,
  );
}

/** A tool that is killed or frozen must not keep locks, or win one later. */
const limits = (lockTimeoutMs: number): string[] => [
  `-c lock_timeout=${lockTimeoutMs}`,
  '-c idle_in_transaction_session_timeout=10000',
  '-c client_connection_check_interval=500',
];

/** What libpq reads, and every driver on it; seconds of waiting would be waited by everybody behind us. */
const withLimits = (environment: Environment, action: Action, { durations }: Plan): Action =>
  'command' in action
    ? {
        ...action,
        environment: {
          ...action.environment,
          PGAPPNAME: toolSession(environment),
          PGOPTIONS: [...limits(toMs(durations.lockTimeout)), action.environment?.['PGOPTIONS'] ?? ''].join(' ').trim(),
        },
      }
    : action;

/** How it ended, and by which errors: their texts are left out, since they quote rows and parameters. */
async function runIt(
  environment: Environment,
  action: Action,
  options: { parameters: ActionParameters; timeoutMs: number; signal: AbortSignal },
): Promise<string> {
  const outcome = await runAction(action, { ...options, secrets: secretsOf(environment) });
  if (outcome.kind === 'person') return `a person has to do it: ${outcome.instruction}`;
  const said = outcome.output.join('\n');
  const names = [...new Set(said.match(/\b(?:\w+\.)*\w*(?:Error|Exception|NotAvailable|Timeout)\b/g) ?? [])].slice(-4);
  const lock = /lock timeout|deadlock detected/i.exec(said)?.[0];
  const reason = 'reason' in outcome ? outcome.reason : 'exit status 0';
  return [reason, ...names, ...(lock === undefined ? [] : [lock])].join(', ');
}
