import { msToNumber } from '@temporalio/common/lib/time';
import { durationSchema, toMs } from '../../../contract/text/duration';

const hour = 3_600_000;

test.each([
  ['24 hours', 24 * hour],
  ['1 h', hour],
  ['30 minutes', hour / 2],
  ['1.5min', 90_000],
  ['30 s', 30_000],
  ['200 ms', 200],
  ['.5 seconds', 500],
  ['7 Days', 7 * 24 * hour],
  ['2 weeks', 14 * 24 * hour],
  ['1 year', 365.25 * 24 * hour],
  ['0 s', 0],
])('%s is a duration, the same for Temporal as for us', (text, ms) => {
  expect(durationSchema.safeParse(text).success).toBe(true);
  expect(toMs(text)).toBe(ms);
  // Temporal's packages bring a parser of their own, at a place that they don't document: both must agree.
  expect(msToNumber(text as Parameters<typeof msToNumber>[0])).toBe(ms);
});

test.each([
  '',
  ' ',
  '30',
  '1000',
  '-1 h',
  '1 hour 30 minutes',
  'an hour',
  '1 month',
  'h',
  '1e3 s',
  `1${'0'.repeat(100)} s`,
])('"%s" is refused, with two that would do', (text) => {
  const [issue] = durationSchema.safeParse(text).error?.issues ?? [];
  expect(issue?.message).toContain('expected a duration such as "24 hours" or "30 s", found ');
});
