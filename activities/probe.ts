import type { Probe } from '../contract/evidence';
import type { Finding } from '../contract/findings';
import type { EnvironmentActivities } from '../contract/steps';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { checkHealth } from './read-health';
import { onlyReading, runProbes } from './run-probes';

/**
 * Calls the application as its clients do: with a right key, a wrong one and none. Guards against a release that starts
 * and says it is well, but refuses its clients or shows rows to strangers.
 *
 * Safe to run twice: in production probes only read; in staging each run adds the rows that the `POST` probes create.
 */
export function createProbe({ environment }: { environment: FindEnvironment }): EnvironmentActivities['probe'] {
  return ({ target, release, serves, ...plan }) =>
    withHeartbeat(async (signal) => {
      const { application, name } = environment(target);
      const { probes } = plan;
      const called = name === 'production' ? onlyReading(probes) : probes;
      const health = await checkHealth(application, signal, release[serves]);
      const findings = await runProbes(environment(target), called, { serves, signal, samples: plan });
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
