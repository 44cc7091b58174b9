import { freezeText, isOpenFor, nextFreeze, nextOpening } from '../../../contract/plan/change-calendar';
import { changeFreezeSchema, spanOf, type ChangeFreeze } from '../../../contract/plan/change-freeze';

const hour = 3_600_000;
const christmas: ChangeFreeze = {
  ...{ from: '2026-12-18', to: '2027-01-06', timeZone: 'Europe/Berlin', because: 'Christmas business' },
};
const at = (iso: string): Date => new Date(iso);
const spanned = (freeze: Partial<ChangeFreeze>): [string, string] => {
  const { from, to } = spanOf({ ...christmas, ...freeze });
  return [new Date(from).toISOString(), new Date(to).toISOString()];
};

test.each([
  ['whole days, the last one too', {}, '2026-12-17T23:00:00.000Z', '2027-01-06T23:00:00.000Z'],
  [
    ...(['moments, with a blank or a T', { from: '2026-12-18 18:00', to: '2027-01-07T06:30' }] as const),
    ...(['2026-12-18T17:00:00.000Z', '2027-01-07T05:30:00.000Z'] as const),
  ],
  [
    'years ahead, in summer',
    { from: '2038-07-01', to: '2038-07-02' },
    '2038-06-30T22:00:00.000Z',
    '2038-07-02T22:00:00.000Z',
  ],
  [
    ...(['from an hour that the clocks skip', { from: '2027-03-28 02:30', to: '2027-03-28 12:00' }] as const),
    ...(['2027-03-28T01:00:00.000Z', '2027-03-28T10:00:00.000Z'] as const),
  ],
  [
    ...(['until an hour that the clocks show twice', { from: '2026-10-24', to: '2026-10-25 02:30' }] as const),
    ...(['2026-10-23T22:00:00.000Z', '2026-10-25T01:30:00.000Z'] as const),
  ],
  [
    ...([
      'where the day begins at one o’clock',
      { from: '2018-11-04', to: '2018-11-04', timeZone: 'America/Sao_Paulo' },
    ] as const),
    ...(['2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'] as const),
  ],
])('%s', (_, freeze, from, to) => {
  expect(spanned(freeze)).toEqual([from, to]);
});

test('in a freeze nothing is begun, nor what would reach into it; a window that is cut opens after it', () => {
  const calendar = { freezes: [christmas] };
  expect(isOpenFor(calendar, at('2026-12-17T21:00:00Z'), 2 * hour)).toBe(true);
  expect(isOpenFor(calendar, at('2026-12-17T21:00:01Z'), 2 * hour)).toBe(false);
  expect(nextOpening(calendar, at('2026-12-17T22:00:00Z'), 2 * hour)?.toISOString()).toBe('2027-01-06T23:00:00.000Z');
  const windows = [{ days: ['mon' as const, 'thu' as const], from: '09:00', to: '16:00', timeZone: 'Europe/Berlin' }];
  expect(nextOpening({ ...calendar, windows }, at('2026-12-17T14:00:00Z'), 2 * hour)?.toISOString()).toBe(
    '2027-01-07T08:00:00.000Z',
  );
});

test('freezes that meet or overlap are one', () => {
  const freezes = [
    { ...christmas, from: '2027-01-07', to: '2027-01-08' },
    christmas,
    { ...christmas, to: '2026-12-20' },
  ];
  expect(nextOpening({ freezes }, at('2026-12-19T00:00:00Z'), 0)?.toISOString()).toBe('2027-01-08T23:00:00.000Z');
});

test('the freeze that holds or comes next is told, with its reason and both its ends', () => {
  const later = { ...christmas, from: '2027-03-01', to: '2027-03-02' };
  const found = nextFreeze([later, christmas], at('2027-01-06T22:59:59Z'));
  expect(found && freezeText(found)).toBe(
    'a freeze from 2026-12-17 23:00:00 UTC to 2027-01-06 23:00:00 UTC (Christmas business)',
  );
  expect(nextFreeze([later, christmas], at('2027-01-06T23:00:00Z'))?.from).toBe('2027-03-01');
  expect(nextFreeze([christmas], at('2028-01-01T00:00:00Z'))).toBeUndefined();
});

test('every fault of a freeze is told', () => {
  const { error } = changeFreezeSchema.safeParse({ from: '2027-02-29', to: '31.12.2027', timeZone: 'Berlin' });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['from', 'to', 'timeZone', 'because']);
  const back = changeFreezeSchema.safeParse({ ...christmas, to: '2026-12-17' });
  expect(back.error?.issues[0]?.message).toBe('expected a day or a moment after "from"');
  expect(changeFreezeSchema.safeParse({ ...christmas, to: christmas.from }).success).toBe(true);
});
