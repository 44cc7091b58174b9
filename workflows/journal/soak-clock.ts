import { readableDuration } from '../../contract/text/duration';
import type { SoakState } from '../../contract/run/facts';
import { counted } from '../../contract/text/plain-text';
import type { Verdict } from '../../contract/run/samples';

/**
 * Counts healthy, covered time and nothing else. A critical sample starts the clock again; red and missing ones leave
 * it where it is (the caller asks a person). Pure.
 */
export function soakClock(clock: SoakState, verdict: Verdict, elapsedMs: number, at: string): SoakState {
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

/** `3 h of 1 d healthy, 12 samples, 0 restarts`. */
export const soakText = ({ healthyMs, neededMs, samples, restarts }: SoakState): string =>
  `${readableDuration(healthyMs)} of ${readableDuration(neededMs)} healthy, ` +
  `${counted(samples, 'sample')}, ${counted(restarts, 'restart')}`;
