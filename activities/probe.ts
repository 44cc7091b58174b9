import type { EnvironmentActivities } from '../contract/steps';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { checkHealth } from './read-health';
import { runProbes } from './run-probes';

/**
 * Calls the application as its clients do: with a right key, a wrong one and none. Guards against a release that starts
 * and says it is well, but refuses its clients or shows rows to strangers.
 *
 * Safe to run twice: in production probes only read; in staging each run adds the rows that the `POST` probes create.
 */
export function createProbe({ environment }: { environment: FindEnvironment }): EnvironmentActivities['probe'] {
  return ({ target, release, probes, serves }) =>
    withHeartbeat(async (signal) => {
      const found = environment(target);
      const onlyReading = found.name === 'production';
      const health = await checkHealth(found.application, signal, release[serves]);
      const findings = await runProbes(found, probes, { serves, signal, onlyReading });
      return [health, ...findings, ...(onlyReading ? notInProduction(probes) : [])];
    });
}

const notInProduction = (probes: Parameters<EnvironmentActivities['probe']>[0]['probes']) =>
  probes
    .filter(({ method }) => method !== 'GET')
    .map(({ name, method }) => ({
      check: `probe ${name}`,
      status: 'not covered' as const,
      expected: 'a call that only reads',
      found: `${method}, which would leave a row in production`,
      remedy: 'see the same probe of staging',
    }));
