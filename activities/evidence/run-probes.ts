import type { Probe } from '../../contract/plan/evidence';
import type { Finding } from '../../contract/run/findings';
import type { Session } from '../environment/session';
import type { Serves } from './probe-request';
import { drawProbeSamples, type ProbesOf, type ProbeSample } from './probe-samples';
import { runProbe } from './run-probe';

interface ProbeRun {
  serves: Serves;
  /** If they are drawn already; otherwise by the selects of this plan. */
  samples: ReadonlyMap<string, ProbeSample> | ProbesOf;
}

/** Runs probes one after the other, each once; one finding each, in their order. */
export async function runProbes(
  session: Omit<Session, 'client'>,
  probes: readonly Probe[],
  { serves, samples: given }: ProbeRun,
): Promise<Finding[]> {
  const samples = 'planDigest' in given ? await drawProbeSamples(session, given, probes) : given;
  const findings: Finding[] = [];
  for (const probe of probes) {
    findings.push(await runProbe(session, probe, { serves, sample: samples.get(probe.name) }));
  }
  return findings;
}

/** Probes that leave no row behind: the only ones that production gets. */
export const onlyReading = (probes: readonly Probe[]): Probe[] => probes.filter(({ method }) => method === 'GET');
