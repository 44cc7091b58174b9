import type { Probe } from '../../contract/plan/evidence';
import type { Finding } from '../../contract/run/findings';
import type { FindEnvironment } from '../environment/environment';
import { checkServing } from '../actions/serving';
import { withHeartbeat } from '../environment/heartbeat';
import { onlyReading, runProbes } from './run-probes';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Calls the application as its clients do: with a right key, a wrong one and none. Guards against a release that starts
 * and says it is well, but refuses its clients or shows rows to strangers.
 *
 * Safe to run twice: in production probes only read; in staging each run adds the rows that the `POST` probes create.
 */
export function createProbe({ environment }: { environment: FindEnvironment }): PerformOfPlan<'probe'> {
  return ({ target, release, serves, ...plan }) =>
    withHeartbeat(async (signal) => {
      const place = environment(target);
      const { probes } = plan;
      const called = place.name === 'production' ? onlyReading(probes) : probes;
      const health = await checkServing(place, signal, { release, serves });
      const findings = await runProbes({ environment: place, signal }, called, { serves, samples: plan });
      return [health, ...findings, ...probes.filter((probe) => !called.includes(probe)).map(notInProduction)];
    });
}

const notInProduction = ({ name, method }: Probe): Finding => ({
  check: `probe ${name}`,
  status: 'not covered',
  expected: 'a call that only reads',
  found: `${method}, which would leave a row in production`,
  remedy: 'see the same probe of staging',
});
