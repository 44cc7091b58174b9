import type { SoakState } from '../../contract/run/facts';
import type { Verdict } from '../../contract/run/samples';

/** What a look says of the time since the one before. */
interface Judged {
  verdict: Verdict;
  elapsedMs: number;
  /** When it was looked, ISO. */
  at: string;
}

/**
 * Counts healthy, covered time and nothing else. A critical sample starts the clock again; red and missing ones leave
 * it where it is (the caller asks a person). Pure.
 */
export function soakClock(clock: SoakState, { verdict, elapsedMs, at }: Judged): SoakState {
  const samples = clock.samples + 1;
  switch (verdict) {
    case 'green':
      return { ...clock, samples, healthyMs: clock.healthyMs + elapsedMs, last: at };
    case 'critical':
      return { ...clock, samples, healthyMs: 0, restarts: clock.restarts + 1, last: at };
    case 'red':
    case 'missing':
      return { ...clock, samples, last: at };
  }
}
