import type { Probe } from '../../contract/plan/evidence';
import type { Finding } from '../../contract/run/findings';
import type { Environment } from '../environment/environment';
import type { Serves } from './probe-request';
import { drawProbeSamples, type ProbesOf, type ProbeSample } from './probe-samples';
import { runProbe } from './run-probe';

interface ProbeRun {
  serves: Serves;
  signal: AbortSignal;
  /** If they are drawn already; otherwise by the selects of this plan. */
  samples: ReadonlyMap<string, ProbeSample> | ProbesOf;
}

/** Runs probes one after the other, each once; one finding each, in their order. */
export async function runProbes(
  environment: Environment,
  probes: readonly Probe[],
  { serves, signal, samples: given }: ProbeRun,
): Promise<Finding[]> {
  const samples = 'planDigest' in given ? await drawProbeSamples(environment, given, probes, signal) : given;
  const findings: Finding[] = [];
  for (const probe of probes) {
    findings.push(await runProbe(environment, probe, { serves, sample: samples.get(probe.name), signal }));
  }
  return findings;
}

/** Probes that leave no row behind: the only ones that production gets. */
export const onlyReading = (probes: readonly Probe[]): Probe[] => probes.filter(({ method }) => method === 'GET');
