import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import type { Environment } from '../../../activities/environment/environment';
import { firstPlan, newRun, type SampleEnvironment } from './sample-environment';

/**
 * In preflight: definitions, rights and a sample of rows of the real database, in a throw-away server.
 *
 * @param change of its environment; default none
 * @param plan default the first one
 */
export const rehearseOnCopy = (stage: SampleEnvironment, change: Partial<Environment> = {}, plan = firstPlan()) =>
  createRehearseOnCopy({ environment: () => ({ ...stage.environment, ...change }) })({ run: newRun(), ...plan });
