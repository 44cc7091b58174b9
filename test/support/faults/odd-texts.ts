import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../../contract/text/faults';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import { yamlLimits } from '../../../contract/text/yaml-limits';
import { parseSettings } from '../../../worker/settings/settings';

// Texts that try the readers of plans and settings.

const root = join(__dirname, '../../..');
/** An ordinary file. */
export const plan = readFileSync(join(root, 'plans/drop-plaintext-api-keys/plan.yaml'), 'utf8');
const settings = readFileSync(join(root, 'rubicon.example.yaml'), 'utf8');

export const readers = ['plan', 'settings'] as const;

/** What the reader of such files says of a text. */
export function faultsOf(reader: (typeof readers)[number], text: string): Fault[] {
  const read =
    reader === 'plan' ? parsePlanFile('some-plan', text) : parseSettings(text, 'rubicon.yaml', { env: {}, roles: [] });
  return 'faults' in read ? read.faults : [];
}

/** Work of this process alone, however busy the machine is. */
function cpuMs(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

const least = (count: number, of: () => unknown): number => Math.min(...Array.from({ length: count }, () => cpuMs(of)));

/** What an ordinary file takes: some milliseconds. What grows faster than a file does would take a thousand times that. */
let ordinaryMs: number | undefined;
const ordinary = (): number =>
  (ordinaryMs ??= Math.max(
    least(10, () => faultsOf('plan', plan)),
    least(10, () => faultsOf('settings', settings)),
  ));

/** By the best of some tries, since a machine can be busy with something else. */
export function expectQuick(work: () => unknown): void {
  const limit = 40 * ordinary();
  const first = cpuMs(work);
  expect(first < limit ? first : least(3, work)).toBeLessThan(limit);
}

const pieces = [
  'a',
  'removes',
  'column',
  '- ',
  '? ',
  ': ',
  ':',
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '\t',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
]
  .concat([
    '|',
    '>',
    '#',
    '&a',
    '*a',
    '!a',
    '!!map',
    '%',
    '---',
    '...',
    '<<',
    '~',
    'null',
    'true',
    '1',
    '.inf',
    '1e999',
    '-0',
  ])
  .concat([
    '0x1f',
    '2026-01-01',
    '__proto__',
    'constructor',
    'toString',
    '\\',
    '\\0',
    '\\ud800',
    '\0',
    '\ufeff',
    '\u2028',
    '🦖',
    '\r',
    '$1',
  ])
  .concat(
    plan
      .split('\n')
      .slice(0, 60)
      .map((line) => `${line}\n`),
  );
const yamlish = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

/** No text makes a reader throw, or takes it long. */
export const tryTexts = (numRuns: number): void =>
  fc.assert(
    fc.property(yamlish, fc.constantFrom('', plan), fc.nat(plan.length), (text, whole, at) => {
      const file = whole.slice(0, at) + text + whole.slice(at);
      for (const reader of readers) expect(Array.isArray(faultsOf(reader, file))).toBe(true);
    }),
    { numRuns },
  );

/** No piece that is said again and again takes a reader long. */
export function tryRepetitions(numRuns: number): void {
  const repeated = fc.tuple(
    fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', 'removes:\n', 'watch: [', 'probes:\n- '),
  );
  fc.assert(
    fc.property(repeated, fc.constantFrom(8_000, yamlLimits.bytes), ([parts, head], length) => {
      const part = parts.join('');
      const text = head + part.repeat(Math.floor((length - head.length) / part.length));
      expectQuick(() => faultsOf('plan', text));
    }),
    { numRuns },
  );
}
