import { readDemoOptions } from '../../../dev/demo/options';

test('without options the usual story is told, with played people', () => {
  expect(readDemoOptions([])).toMatchObject({ story: 'usual', wait: false, stay: false });
});

test('the report is kept where one says', () => {
  expect(readDemoOptions(['--fail', 'monitor', '--reports', '/tmp/reports'])).toMatchObject({
    story: 'monitor',
    reportsFolder: '/tmp/reports',
  });
});

test.each([
  [['--fail', 'monitr'], /found "monitr"; did you mean monitor\?/],
  [['--fail', 'usual'], /expected --fail preflight, rejection, monitor/],
  [['--fail', 'constructor'], /found "constructor"/],
  [['--fial'], /--fial/],
  [['now'], /now/],
])('%j is refused, and it says what would do', (args, fault) => {
  expect(readDemoOptions(args)).toEqual({ fault: expect.stringMatching(fault) });
});

test('help names each story and each exit code', () => {
  const { help } = readDemoOptions(['--help']) as { help: string };
  for (const word of ['preflight', 'rejection', 'monitor', 'worker', 'slack', '--wait', '--stay', '130']) {
    expect(help).toContain(word);
  }
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});
