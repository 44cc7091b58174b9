import type { DemoOptions } from './options';
import type { Show } from './show';
import { readableDuration } from '../../contract/text/duration';
import { startStack, type Stack } from '../stack/stack';

/**
 * The runbook's waits, shortened: everything else of the plan is as in `plans/`. Long enough for several samples, and
 * for somebody who wants to be faster than the played people.
 */
const durations = {
  soak: '16 s',
  soakEvery: '4 s',
  trial: '5 s',
  monitor: '15 s',
  monitorEvery: '3 s',
  announceAhead: '3 s',
  longTransaction: '2 s',
  aftercareHourly: '4 s',
  aftercareHourlyEvery: '2 s',
  aftercareDaily: '8 s',
  aftercareDailyEvery: '4 s',
};

/** The runbook's load test is for a machine of its own; this one also carries two applications and their traffic. */
const loadTest = { requests: 300, connections: 10 };

const parts: Record<string, string> = {
  servers: 'Temporal, two PostgreSQL, two Redis, a local Slack',
  worker: 'the application in staging and production, and a worker',
};

/** Starts the stack of the demo and tells how far it is. @throws if something does not start, or when interrupted */
export function startDemoStack(
  { reportsFolder }: Pick<DemoOptions, 'reportsFolder'>,
  show: Show,
  signal: AbortSignal,
): Promise<Stack> {
  const sinceMs = Date.now();
  const { green, dim } = show.canvas.colors;
  return startStack({
    changePlan: (plan) => (plan['loadTest'] = { ...(plan['loadTest'] as object), ...loadTest }),
    ...{ durations, minimumSoak: durations.soak, reportsFolder, signal },
    onReady: (part) => {
      const took = dim(`(${readableDuration(Date.now() - sinceMs)})`);
      show.say(`  ${green('✓')} ${parts[part] ?? part} ${took}`);
    },
  });
}
