import { readableDeadline, readableInstant, readableSpan } from '../../../contract/text/instant';
import { codeBlock, codeSpan, escapeMarkdown } from '../../../contract/text/markdown-text';
import { counted, oneLine, readableSize, thousands, utf8Length } from '../../../contract/text/plain-text';

test.each([
  ['two\n lines\t', 'two lines'],
  ['safe\u202egnp.exe', 'safegnp.exe'],
  ['bell\u0007 zero\u0000', 'bell zero'],
  ['half \ud83d pair', 'half pair'],
  ['👩‍👩‍👧 stays', '👩‍👩‍👧 stays'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(oneLine(text).replace(/ +/g, ' ')).toBe(shown);
});

test('a long text is cut at its limit, never within a character', () => {
  expect(oneLine('abcdef', 4)).toBe('abc…');
  expect(oneLine('😀😀😀', 2)).toBe('😀…');
  expect(oneLine('abcd', 4)).toBe('abcd');
});

test.each([
  ['*bold* `code` [a](b) a|b ~x~', '\\*bold\\* \\`code\\` \\[a\\](b) a\\|b \\~x\\~'],
  ['sessions.owner_api_key', 'sessions.owner_api_key'],
  ['_it_', '\\_it\\_'],
  ['<b>&', '\\<b\\>\\&'],
  ['# head', '\\# head'],
  ['- item', '\\- item'],
  ['1. item', '1\\. item'],
  ['34.1 MB', '34.1 MB'],
  ['2026-11-24', '2026-11-24'],
])('Markdown shows %j literally', (text, markdown) => {
  expect(escapeMarkdown(text)).toBe(markdown);
});

test('code can hold fences and backticks', () => {
  expect(codeBlock('a\n```\nb', 'sql')).toBe('````sql\na\n```\nb\n````');
  expect(codeSpan('a`b')).toBe("`a'b`");
  expect(codeSpan('')).toBe('–');
});

test('instants, deadlines and spans are written out', () => {
  const at = '2026-11-24T09:00:12.345Z';
  expect(readableInstant(at)).toBe('2026-11-24 09:00:12 UTC');
  expect(readableInstant('soon')).toBe('soon');
  expect(readableDeadline(at, '2026-11-24T08:00:12.345Z')).toBe('2026-11-24 09:00:12 UTC (in 1 h)');
  expect(readableDeadline(at, '2026-11-25T08:00:12.345Z')).toBe('2026-11-24 09:00:12 UTC (over)');
  expect(readableSpan(at, '2026-11-24T09:01:12.345Z')).toBe('1 min');
  expect(readableSpan('x', at)).toBe('0 ms');
});

test('numbers carry what they count', () => {
  expect([counted(1, 'row'), counted(0, 'row'), counted(1_234_567, 'row')]).toEqual([
    '1 row',
    '0 rows',
    '1,234,567 rows',
  ]);
  expect([thousands(999), thousands(1_000)]).toEqual(['999', '1,000']);
  expect([readableSize(12), readableSize(34_100_000)]).toEqual(['12 bytes', '34.1 MB']);
  expect(utf8Length('aé€😀')).toBe(Buffer.byteLength('aé€😀'));
});
