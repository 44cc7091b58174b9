import type { Probe } from '../../contract/plan/evidence';
import type { ProbeSample } from './probe-samples';

/** Which of the plan's two releases answers. */
export type Serves = 'from' | 'to';

/** The status that this probe must get from the release that serves. */
export const expectedStatus = ({ expect }: Pick<Probe, 'expect'>, serves: Serves): number =>
  serves === 'from' ? (expect.before ?? expect.status) : expect.status;

/** The path to call; undefined if it needs a sample and there is none. */
export function pathOf(probe: Pick<Probe, 'path'>, sample: ProbeSample | undefined): string | undefined {
  if (!probe.path.includes('{sample}')) return probe.path;
  if (sample === undefined || !('value' in sample)) return undefined;
  return probe.path.replaceAll('{sample}', encodeURIComponent(sample.value));
}
