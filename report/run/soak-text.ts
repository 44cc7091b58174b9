import { readableDuration } from '../../contract/text/duration';
import type { SoakState } from '../../contract/run/facts';
import { counted } from '../../contract/text/plain-text';

/** `3 h of 1 d healthy, 12 samples, 0 restarts`. */
export const soakText = ({ healthyMs, neededMs, samples, restarts }: SoakState): string =>
  `${readableDuration(healthyMs)} of ${readableDuration(neededMs)} healthy, ` +
  `${counted(samples, 'sample')}, ${counted(restarts, 'restart')}`;
