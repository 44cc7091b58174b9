import type { Probe } from '../contract/evidence';
import type { ProbeSample } from './probe-samples';

/** Which of the plan's two releases answers. */
export type Serves = 'from' | 'to';

/** The status that this probe must get from the release that serves. */
export const expectedStatus = ({ expect }: Pick<Probe, 'expect'>, serves: Serves): number =>
  serves === 'from' ? (expect.before ?? expect.status) : expect.status;

/** The path with each of the samples in it. */
export const pathsOf = ({ path }: Pick<Probe, 'path'>, values: readonly string[]): string[] =>
  values.map((value) => path.replaceAll('{sample}', encodeURIComponent(value)));

/** The path to call; undefined if it needs a sample and there is none. */
export function pathOf(probe: Pick<Probe, 'path'>, sample: ProbeSample | undefined): string | undefined {
  if (!probe.path.includes('{sample}')) return probe.path;
  return sample !== undefined && 'values' in sample ? pathsOf(probe, sample.values)[0] : undefined;
}
