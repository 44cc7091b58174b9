import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readPlanFile } from '../../../sql/statements/read-plan-file';
import { hostileSelects, honestSelects } from '../../support/inputs/plan-statements';
import { some } from '../../support/inputs/some';

const name = 'drop-plaintext-api-keys';
const text = readFileSync(join(__dirname, '../../../plans', name, 'plan.yaml'), 'utf8');
type Draft = { proof: string; queries: { sql: string }[]; probes: { sample?: string }[] };

async function faultsOf(source: string): Promise<string[]> {
  const read = await readPlanFile(name, source);
  return 'plan' in read ? [] : read.faults.map(({ place, message }) => `${place} ${message}`);
}

/** The first plan with this select as a query and as a sample. */
function planWith(sql: string): string {
  const plan = parse(text) as Draft;
  plan.queries[0]!.sql = sql;
  plan.probes.find(({ sample }) => sample !== undefined)!.sample = sql;
  return stringify(plan);
}

test('the first plan has no fault', async () => {
  await expect(faultsOf(text)).resolves.toEqual([]);
});

test.each(some(hostileSelects))('"plan check" refuses as a query and as a sample: %s', async (_, sql) => {
  const faults = await faultsOf(planWith(sql));
  expect(faults).toEqual([
    expect.stringMatching(/^plan\.yaml:\d+:\d+ queries\[0\]\.sql: expected /),
    expect.stringMatching(/^plan\.yaml:\d+:\d+ probes\[2\]\.sample: expected /),
  ]);
});

test.each(some(honestSelects))('"plan check" takes: %s', async (_, sql) => {
  await expect(faultsOf(planWith(sql))).resolves.toEqual([]);
});

test('a query that could not be asked for any value is refused', async () => {
  const plan = parse(text) as Draft;
  plan.queries[0]!.sql = 'select id from sessions limit 1';
  await expect(faultsOf(stringify(plan))).resolves.toEqual([
    expect.stringContaining('queries[0].sql: expected a select with $1, found none; compare a column with it'),
  ]);
});

/** The place is that of the word itself, however YAML writes the text. */
test.each([
  [
    'folded',
    [
      '    sql: >-',
      '      select id from sessions',
      '      where owner_api_key_hash = $1 and',
      '        pg_sleep(1) is null',
    ],
    4,
    9,
  ],
  [
    'literal',
    ['    sql: |', '      select id,', '        pg_sleep(1) from sessions where owner_api_key_hash = $1'],
    3,
    9,
  ],
  ['plain', ['    sql: select pg_sleep(1) from sessions where owner_api_key_hash = $1'], 1, 17],
  ['in single quotes', [`    sql: 'select ''ü'' || pg_sleep(1) from sessions where owner_api_key_hash = $1'`], 1, 27],
  [
    'in double quotes',
    [String.raw`    sql: "select E'\\n' || \"id\" || pg_sleep(1) from sessions where owner_api_key_hash = $1"`],
    1,
    38,
  ],
] as const)('the place of a fault in a text that is %s', async (_, lines, line, column) => {
  const all = text.split('\n');
  const first = all.findIndex((each) => each.startsWith('    sql: '));
  const source = [...all.slice(0, first), ...lines, ...all.slice(first + 3)].join('\n');
  await expect(faultsOf(source)).resolves.toEqual([
    expect.stringMatching(
      new RegExp(String.raw`^plan\.yaml:${first + line}:${column} queries\[0\]\.sql: .*found "pg_sleep"`),
    ),
  ]);
});
