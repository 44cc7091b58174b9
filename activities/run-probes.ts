import type { Probe } from '../contract/evidence';
import type { Finding } from '../contract/findings';
import type { Environment } from './environment';
import { drawProbeSamples } from './probe-samples';
import type { Serves } from './probe-request';
import { runProbe } from './run-probe';

/** Runs probes one after the other, each once. A probe that changes something is only run in staging. */
export async function runProbes(
  environment: Environment,
  probes: readonly Probe[],
  { serves, signal, onlyReading }: { serves: Serves; signal: AbortSignal; onlyReading: boolean },
): Promise<Finding[]> {
  const samples = await drawProbeSamples(environment, probes, signal);
  const findings: Finding[] = [];
  for (const probe of probes) {
    if (probe.method === 'GET' || !onlyReading) {
      findings.push(await runProbe(environment, probe, { serves, sample: samples.get(probe.name), signal }));
    }
  }
  return findings;
}
