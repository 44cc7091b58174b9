import { randomUUID } from 'node:crypto';
import type { CallResult } from '../../adapters/application/http-application';
import type { Probe } from '../../contract/plan/evidence';
import { finding, type Finding } from '../../contract/run/findings';
import { hiddenColumn } from '../../sql/hidden-name';
import { callApplication } from '../environment/call-application';
import type { Session } from '../environment/session';
import { rememberCall } from './remembered-calls';
import { listedObjects, namesField } from '../environment/json-fields';
import { expectedStatus, pathOf, type Serves } from './probe-request';
import type { ProbeSample } from './probe-samples';

/** Calls as one probe says, and looks at the answer: its status, a field it must have, a field it must not have. */
export async function runProbe(
  { environment, signal }: Omit<Session, 'client'>,
  probe: Probe,
  { serves, sample }: { serves: Serves; sample: ProbeSample | undefined },
): Promise<Finding> {
  const status = expectedStatus(probe, serves);
  const path = pathOf(probe, sample);
  if (path === undefined) {
    const why = sample !== undefined && 'because' in sample ? sample.because : 'it has no sample';
    return finding(checkOf(probe), 'unknown', {
      expected: `status ${status}`,
      found: `no call: ${why}`,
      remedy: 'correct the sample of the probe, or add such a row',
    });
  }
  const { method, key } = probe;
  const body = withId(probe.body);
  // Its line in the log must be known as ours, also where that shows no id of a call.
  if (sample !== undefined && 'value' in sample && isRefused(probe))
    await rememberCall(environment, [path, ...(sample.value.length >= tellingLength ? [sample.value] : [])]);
  const { application } = environment;
  const answer = await callApplication(application, { method, path, key, signal, ...(body !== undefined && { body }) });
  return judge(probe, serves, answer);
}

/** `[<id>]` in a body is another text in each call, as in the load test. */
const withId = (body: Probe['body']): unknown =>
  body === undefined ? undefined : JSON.parse(JSON.stringify(body).replaceAll('[<id>]', randomUUID()));

/** A shorter value stands in many lines for other reasons. */
const tellingLength = 8;

/** By either release: the lines of both may be in one log. */
const isRefused = (probe: Probe): boolean => expectedStatus(probe, 'from') >= 400 || expectedStatus(probe, 'to') >= 400;

const checkOf = ({ name }: Probe): string => `probe ${name}`;

function judge(probe: Probe, serves: Serves, { status, json, failure }: CallResult): Finding {
  const wanted = expectedStatus(probe, serves);
  const { lacks, has } = probe.expect;
  const fields = status !== undefined && status < 300;
  const objects = has === undefined ? [] : listedObjects(json, has);
  const faults = [
    ...(status === wanted ? [] : [status === undefined ? `no answer (${failure?.message ?? ''})` : `status ${status}`]),
    ...(fields && serves === 'to' && lacks !== undefined && namesField(json, lacks) ? [`a field "${lacks}"`] : []),
    // What is hidden has another name, and an answer that takes all columns of a table has it still.
    ...(fields && serves === 'to' && lacks !== undefined && namesField(json, hiddenColumn(lacks))
      ? [`a field "${hiddenColumn(lacks)}"`]
      : []),
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
    found:
      faults.join(', ') || (isEmpty ? `status ${status}, nothing that could have field "${has}"` : expected.join(', ')),
    remedy: isEmpty ? 'give the owner of the probe key a row to show' : 'compare with what the release should answer',
  });
}
