import * as fc from 'fast-check';
import { longestText, readNewEvent } from '../../../contract/run/run-event';
import { fittingEvent, withoutCode } from '../../../report/run/fitting-event';
import { eventRun, newEvent, question } from '../../support/inputs/sample-event';

const alphabet = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const code = fc
  .array(fc.constantFrom(...alphabet), { minLength: 16, maxLength: 16 })
  .map((signs) => (signs.join('').match(/.{4}/g) ?? []).join('-'));

test('an approval code that somebody wrote into a reason is taken out, however it is written', () => {
  fc.assert(
    fc.property(code, fc.constantFrom('-', ' ', '', '.'), fc.boolean(), (whole, between, lower) => {
      const written = whole.replaceAll('-', between);
      fc.pre(!lower || /\d/.test(whole) || between === '-' || between === '.'); // else it reads like words
      const sent = lower ? written.toLowerCase() : written;
      const text = withoutCode(`approved with ${sent}, sorry`);
      expect(text).toMatch(/^approved (with )?\(code removed\), sorry$/);
    }),
    { numRuns: 2_000 },
  );
});

test('capitals after a word of four letters are a code, too', () =>
  expect(withoutCode('approved with ZXXA KTTP JCEW WDTS, sorry')).toBe('approved with (code removed), sorry'));

test.each([
  'incompatibilities of the responsibilities',
  'they will come back with data from last week',
  'run 0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b at 2026-11-24T10:12:31.402Z',
  `digest ${'a1'.repeat(32)}`,
  '2026-11-24 10:12:31 UTC',
])('what is no code stays: %s', (text) => expect(withoutCode(text)).toBe(text));

test('names that look like a code stay: by them an event finds its run', () => {
  const run = eventRun({ workflowId: 'agent-api/p/2026-1124-1000-0001', firstRun: 'ABCD-EFGH-1234-5678' });
  expect(fittingEvent(newEvent('run.held', { reason: 'x' }, { run })).run).toEqual(run);
});

test('whatever people and failures say, an event stays one, in its limits', () => {
  const long = 'ü\n'.repeat(100_000);
  const event = newEvent('question.asked', {
    ...question,
    because: Array.from({ length: 500 }, () => long),
    state: long,
  });
  expect(readNewEvent(event)).toHaveProperty('refused');
  const fitted = fittingEvent({ ...event, text: long });
  expect(readNewEvent(fitted)).toEqual(fitted);
  expect([...fitted.text].length).toBeLessThanOrEqual(longestText);
  expect(JSON.stringify(fitted)).not.toContain('\\n');
});
