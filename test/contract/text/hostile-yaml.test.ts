import { mostFaults, type Fault } from '../../../contract/text/faults';
import { expectQuick, faultsOf, plan, readers, tryRepetitions, tryTexts } from '../../support/faults/odd-texts';
import { hostileFiles } from '../../support/inputs/hostile-yaml';
import { some } from '../../support/inputs/some';

test.each(some(Object.keys(hostileFiles)))('%s: refused at once, as plan and as settings', (name) => {
  const text = hostileFiles[name] ?? '';
  for (const reader of readers) {
    let faults: Fault[] = [];
    expectQuick(() => (faults = faultsOf(reader, text)));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThanOrEqual(mostFaults + 2);
    expect(faults.map(({ place, message }) => place + message).join('').length).toBeLessThan(50_000);
  }
});

test('a message never says what stands in the file', () => {
  for (const text of [
    'a: !hunter2! b',
    'a: !<hunter2',
    '%YAML hunter2\n---\na: 1',
    'a: "\\hunter2',
    '@hunter2',
    '%hunter2 x',
    'a: &hunter2',
    '- |hunter2',
  ])
    expect(
      faultsOf('settings', text)
        .map(({ message }) => message)
        .join('\n'),
    ).not.toContain('unter2');
});

test('of many faults the first ones are told, in the order of the file, and how many more there are', () => {
  const text = Array.from({ length: 200 }, (_, index) => `does${index}: 1`).join('\n');
  const faults = faultsOf('plan', text);
  expect(faults.at(-1)).toEqual({
    place: 'plan.yaml',
    message: expect.stringMatching(/^and \d+ more; correct these first$/),
  });
  const told = faults.filter(({ message }) => message.includes('unknown field; did you mean "does"?'));
  expect(told.map(({ place }) => place)).toEqual(told.map((_, index) => `plan.yaml:${index + 1}:1`));
  expect(told.length).toBeGreaterThan(40);
});

test.each([
  [
    'too many parts',
    `${'a: [1]\n'.repeat(2_000)}`,
    /plan\.yaml:\d+:\d+ expected at most 10000 names, values and marks, found more/,
  ],
  [
    '100,000 [',
    '['.repeat(100_000),
    /plan\.yaml:1:33 expected at most 32 levels of nesting, found more; write it flatter/,
  ],
  ['- - - -', '- '.repeat(100), /plan\.yaml:1:65 expected at most 32 levels of nesting/],
  [
    'deep by indentation',
    Array.from({ length: 40 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    /plan\.yaml:34:34 expected at most 32 levels/,
  ],
  [
    'a NUL',
    'does: "a\0b"',
    /plan\.yaml:1:9 expected text that can be read, found the control character U\+0000; remove it/,
  ],
  ['a NUL in a comment', 'does: a\n# \0', /plan\.yaml:2:3 expected text that can be read/],
  [
    'a NUL by an escape',
    'release: { from: a, to: "a\\0b" }',
    /plan\.yaml:1:25 expected text, found a NUL, which no database can hold; remove it/,
  ],
  ['a NUL in a name', '"a\\0b": 1', /plan\.yaml:1:1 expected text, found a NUL/],
  [
    'a NUL within a probe',
    'probes:\n  - body: { a: { b: ["x", "\\0"] } }',
    /plan\.yaml:2:27 expected text, found a NUL/,
  ],
  [
    'half a character',
    'does: "\\ud83d"',
    /plan\.yaml:1:7 expected text, found half of a surrogate pair; write the whole character/,
  ],
  [
    'another encoding',
    Buffer.from('does: Größe', 'latin1').toString('utf8'),
    /plan\.yaml:1:7 expected text in UTF-8, found bytes in another encoding; save the file in UTF-8/,
  ],
  [
    'a number without an end',
    'probes: [{ body: { a: .inf } }]',
    /plan\.yaml:1:23 expected a number, found one without an end/,
  ],
  ['a bell', 'does: a\u0007b', /plan\.yaml:1:8 expected text that can be read, found the control character U\+0007/],
])('%s is refused, with its place', (_, text, message) => {
  expect(faultsOf('plan', text).map((fault) => `${fault.place} ${fault.message}`)).toEqual(
    expect.arrayContaining([expect.stringMatching(message)]),
  );
});

test('an ordinary file is far from every limit', () => {
  expect(faultsOf('plan', plan)).toEqual([]);
  const rules = Array.from({ length: 150 }, (_, n) => `  - { name: x${n}, measure: p95, maxMs: 5, severity: high }\n`);
  expect(faultsOf('plan', plan.replace(/^watch:$/m, `watch:\n${rules.join('')}`))).toEqual([]);
});

// More of both: test/kill/fuzz/hostile-yaml.test.ts.
test('no text makes a reader throw, or takes it long', () => tryTexts(30));

test('no piece that is said again and again takes a reader long', () => tryRepetitions(10));
