/** Files as somebody might write them who wants to stop the worker that reads them. */
const bytes = 256 * 1024;

const times = (text: string, count = Math.floor(bytes / text.length)): string =>
  text.repeat(Math.min(count, Math.floor(bytes / text.length)));

/** As many lines or items as a file may have. */
function numbered(of: (index: number) => string, head = '', most = Infinity): string {
  let text = head;
  for (let index = 0; index < most; index += 1) {
    const next = of(index);
    if (text.length + next.length > bytes) break;
    text += next;
  }
  return text;
}

/** Each of them also shortened to about as many parts as are let through, where it is the rest that could take long. */
export const hostileFiles: Record<string, string> = {
  '20,000 fields': numbered((index) => `field${index}: 1\n`, '', 20_000),
  '1,900 fields': numbered((index) => `field${index}: 1\n`, '', 1_900),
  '1,900 long names of fields': numbered((index) => `${'releaseremovesproof'.repeat(5)}${index}: 1\n`, '', 1_900),
  '1,600 fields of an entry': numbered((index) => `\n  f${index}: 1`, 'log:', 1_600),
  '1,900 times one field': times('does: x\n', 1_900),
  '1,500 fields on one line': `{${numbered((index) => `f${index}: 1, `, '', 1_500)}}`,
  '2,400 items': `removes:\n${times('- 1\n', 2_400)}`,
  '100,000 items': `removes: [${times('1,', 100_000)}]`,
  '1,000 removals': `removes:\n${numbered((index) => `- { column: t.c${index} }\n`, '', 1_000)}`,
  '1,000 rules': `watch:\n${numbered((index) => `- { name: n${index}, measure: server }\n`, '', 1_000)}`,
  '1,000 probes': `probes:\n${numbered((index) => `- { name: n, path: /, key: rihgt${index} }\n`, '', 1_000)}`,
  '2,000 prefixes': `cache: { neverContains: x, flush: [${numbered((index) => `"a${index}*",`, '', 2_000)}], residual: [${numbered((index) => `"b${index}*",`, '', 2_000)}] }`,
  '1,500 unknown calls': `loadTest:\n  calls:\n${numbered((index) => `  - ${'call'.repeat(20)}${index}\n`, '', 1_500)}`,
  '1,000 conditions': `removes:\n- table: t\n  where:\n${numbered((index) => `    c${index}: "1"\n`, '', 1_000)}`,
  '1,000 durations': `durations:\n${numbered((index) => `  soak${index}: 1 d\n`, '', 1_000)}`,
  'a long name': `${'n'.repeat(bytes - 10)}: 1`,
  'a long name in quotes': `"${'n'.repeat(bytes - 10)}": 1`,
  'a long text': `does: ${'x'.repeat(bytes - 10)}`,
  'a long column': `removes: [{ column: ${'a.'.repeat(bytes / 2 - 20)} }]`,
  'a long column in quotes': `removes: [{ column: '${'"'.repeat(bytes - 40)}' }]`,
  'a long proof': `proof: ${'removed = '.repeat(bytes / 10 - 10)}`,
  'a long statement': `queries: [{ name: q, sample: t.c, index: i, sql: "select ${'$1'.repeat(bytes / 2 - 50)};" }]`,
  'a long duration': `durations: { soak: "1${' '.repeat(bytes - 60)}x" }`,
  'a long number': `watch: [{ max: ${'9'.repeat(bytes - 40)} }]`,
  'many escapes': `does: "${times('\\u0041', 40_000)}"`,
  'many lines of text': `does: |\n${times('  x\n', 60_000)}`,
  'many lines of folded text': `does: >\n${times('  x\n', 60_000)}`,
  'many lines of plain text': `does:\n${times('  x\n', 60_000)}`,
  'indented deeper and deeper': numbered((index) => `${' '.repeat(index)}a:\n`),
  'lists deeper and deeper': numbered((index) => `${' '.repeat(index)}-\n`),
  'items in items, 30 deep': times(`${'- '.repeat(30)}1\n`, 150),
  'lists in lists, 30 deep': `[${times(`${'['.repeat(30)}${']'.repeat(30)},`, 150)}]`,
  blanks: times(' '),
  tabs: times('\t'),
  'empty lines': times('\n'),
  '9,000 empty lines': times('\n', 9_000),
  comments: times('#\n'),
  'a comment': `# ${'x'.repeat(bytes - 10)}`,
  documents: times('---\n'),
  '2,400 documents': times('--- a\n', 2_400),
  '4,900 ends of documents': times('...\n', 4_900),
  directives: times('%x\n'),
  '2,400 directives': times('%x y\n', 2_400),
  'marks of order': times('\ufeff'),
  NULs: times('\0'),
  'half characters': times('\ud800'),
  'signs of the lexer': times('\u001f\u0002\u0018'),
  // What a file of one sign after the other does to whoever takes it apart.
  ...Object.fromEntries(
    [
      '[',
      '{',
      '{a: ',
      '- ',
      '? ',
      ': ',
      '- {a: [',
      '[a: ',
      '}',
      ']',
      ',',
      '"',
      "'",
      '"a" ',
      '&a ',
      '*a ',
      '!a ',
      '!',
      '&',
      '*',
    ]
      .concat([
        '|\n',
        '>\n',
        '@',
        '`\n',
        '-\n',
        '?\n',
        ':\n',
        'a\n',
        'a: b: ',
        '- *a\n',
        '- !a b\n',
        '- "\\q"\n',
        '<<: a\n',
        '[]',
        '{}',
      ])
      .flatMap((sign) => [
        [JSON.stringify(sign), times(sign)],
        [`less ${JSON.stringify(sign)}`, times(sign, 5_000 / Math.ceil(sign.length / 2))],
      ]),
  ),
};
