import { setTimeout as rest } from 'node:timers/promises';
import type { Logger } from 'pino';
import { liftOverdue } from '../activities/release/lift-overdue';
import type { Environment } from '../activities/environment/environment';

/** How much longer than its deadline a maintenance may last, beside what its action takes. */
const everyMs = 10_000;

/**
 * Looks after the maintenance of each target of production for as long as this worker runs, and lifts one that is overdue. The lease,
 * a workflow, does the same; this one needs no Temporal.
 *
 * @param every ms between two looks; default 10 s
 * @returns stops it, and waits for the look that is under way
 */
export function startMaintenanceWatchdog(
  environments: readonly Environment[],
  log: Pick<Logger, 'warn' | 'error'>,
  every = everyMs,
): () => Promise<void> {
  const stop = new AbortController();
  const all = environments.map((environment) => watch(environment, { log, every, signal: stop.signal }));
  return async () => {
    stop.abort();
    await Promise.all(all);
  };
}

interface Watch {
  log: Pick<Logger, 'warn' | 'error'>;
  every: number;
  signal: AbortSignal;
}

async function watch(environment: Environment, { log, every, signal }: Watch): Promise<void> {
  const { target } = environment;
  let told = '';
  while (!signal.aborted) {
    try {
      const lifted = await liftOverdue(environment, signal);
      if (lifted !== undefined) log.warn({ target, ...lifted }, 'maintenance was overdue, and is lifted');
      told = '';
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      if (because !== told && !signal.aborted)
        log.error(
          { target, because },
          'whether maintenance is overdue could not be found out, or it could not be lifted',
        );
      told = because;
    }
    await rest(every, undefined, { signal }).catch(() => undefined); // stopped
  }
}
