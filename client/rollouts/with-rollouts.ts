import { hostname, userInfo } from 'node:os';
import type { Cli } from '../terminal/word';
import { CliError } from '../terminal/cli-error';
import type { TemporalOptions } from '../terminal/connection';
import { exitCodes } from '../terminal/exit-codes';
import type { Rollouts } from './rollouts';

/** What a word works with while it is connected. */
export interface Session {
  rollouts: Rollouts;
  /** Aborted by Ctrl-C. */
  interrupt: AbortSignal;
}

/**
 * Connects to Temporal for one word. Temporal's client is loaded here and no earlier, since it takes longer than all the
 * rest. Ctrl-C ends the word, never the rollout.
 *
 * @param requestedBy becomes the identity that the server records; default the user of this machine
 */
export async function withRollouts<T>(
  cli: Cli,
  options: TemporalOptions & { requestedBy?: string },
  callback: (session: Session) => Promise<T>,
): Promise<T> {
  const { withConnectedRollouts } = require('./rollouts') as typeof import('./rollouts');
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const identity = `rubicon:${options.requestedBy ?? userOfMachine()}`;
    return await withConnectedRollouts({ ...options, identity }, interrupt.signal, async (rollouts) => {
      const result = await callback({ rollouts, interrupt: interrupt.signal });
      interrupt.signal.throwIfAborted(); // a look that was cut short looks like silence
      return result;
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new CliError(exitCodes.interrupted, 'Interrupted; the rollout continues.');
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

function userOfMachine(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `somebody@${hostname()}`; // a user without a name, as in some containers
  }
}
