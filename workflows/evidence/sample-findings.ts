import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { assess } from '../../contract/run/samples';
import type { Sample } from '../../contract/run/samples';

/** What a sample says against going on: nothing when it is green; unknown when it saw nothing. Pure. */
export function sampleFindings(sample: Sample): Finding[] {
  const { verdict, because } = assess(sample);
  const blind = verdict === 'missing';
  return because.map((found) =>
    finding(blind ? 'coverage' : 'sample', blind ? 'unknown' : false, {
      expected: blind ? 'evidence for the whole time' : 'every rule within its limit',
      found,
      remedy: 'find out why, then answer "retry"',
    }),
  );
}
