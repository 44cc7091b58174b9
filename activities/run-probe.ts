import type { CallResult } from '../adapters/http-application';
import type { Probe } from '../contract/evidence';
import { finding, type Finding } from '../contract/findings';
import { callApplication } from './call-application';
import type { Environment } from './environment';
import { listedObjects, namesField } from './json-fields';
import type { ProbeSample } from './probe-samples';

/** Which of the plan's two releases answers. */
export type Serves = 'from' | 'to';

/** Calls as one probe says, and looks at the answer: its status, a field it must have, a field it must not have. */
export async function runProbe(
  { application }: Environment,
  probe: Probe,
  { serves, sample, signal }: { serves: Serves; sample: ProbeSample | undefined; signal: AbortSignal },
): Promise<Finding> {
  const status = expectedStatus(probe, serves);
  const path = probePath(probe, sample);
  if (path === undefined) {
    const why = sample !== undefined && 'because' in sample ? sample.because : 'it has no sample';
    return finding(checkOf(probe), 'unknown', {
      expected: `status ${status}`,
      found: `no call: ${why}`,
      remedy: 'correct the sample of the probe, or add such a row',
    });
  }
  const { method, key, body } = probe;
  const answer = await callApplication(application, { method, path, key, signal, ...(body && { body }) });
  return judge(probe, serves, answer);
}

/** The status that this probe must get from the release that serves. */
export const expectedStatus = ({ expect }: Probe, serves: Serves): number =>
  serves === 'from' ? (expect.before ?? expect.status) : expect.status;

/** The path with its sample in it; undefined if it needs one and there is none. */
export function probePath({ path }: Probe, sample: ProbeSample | undefined): string | undefined {
  if (!path.includes('{sample}')) return path;
  return sample !== undefined && 'value' in sample
    ? path.replaceAll('{sample}', encodeURIComponent(sample.value))
    : undefined;
}

const checkOf = ({ name }: Probe): string => `probe ${name}`;

function judge(probe: Probe, serves: Serves, { status, json, failure }: CallResult): Finding {
  const wanted = expectedStatus(probe, serves);
  const { lacks, has } = probe.expect;
  const fields = status !== undefined && status < 300;
  const objects = has === undefined ? [] : listedObjects(json, has);
  const faults = [
    ...(status === wanted ? [] : [status === undefined ? `no answer (${failure?.message ?? ''})` : `status ${status}`]),
    ...(fields && serves === 'to' && lacks !== undefined && namesField(json, lacks) ? [`a field "${lacks}"`] : []),
    ...(fields && has !== undefined && objects.some((each) => !Object.hasOwn(each, has)) ? [`no field "${has}"`] : []),
    ...(fields && (has !== undefined || lacks !== undefined) && json === undefined ? ['no JSON'] : []),
  ];
  const isEmpty = fields && has !== undefined && json !== undefined && objects.length === 0;
  const expected = [
    `status ${wanted}`,
    ...(has === undefined ? [] : [`field "${has}"`]),
    ...(lacks === undefined || serves === 'from' ? [] : [`no field "${lacks}"`]),
  ];
  return finding(checkOf(probe), faults.length > 0 ? false : isEmpty ? 'unknown' : true, {
    expected: expected.join(', '),
    found: faults.join(', ') || (isEmpty ? `status ${status}, nothing that could have field "${has}"` : expected.join(', ')),
    remedy: isEmpty ? 'give the owner of the probe key a row to show' : 'compare with what the release should answer',
  });
}
