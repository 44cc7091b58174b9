import { stringify } from 'yaml';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import { placeName } from '../../../contract/plan/places';
import { nameOfRemoval, removalsOf } from '../../../contract/plan/removals';
import { loadGrammar } from '../../../sql/statements/grammar';
import { statementProblems } from '../../../sql/statements/plan-statements';

beforeAll(loadGrammar);

/** A plan whose names are these, and what is said of it. */
function read(removes: object[], more: object = {}) {
  return parsePlanFile(
    'some-plan',
    stringify({
      does: 'Drop it',
      release: { from: 'one', to: 'two' },
      removes,
      probes: [{ name: 'refused', path: '/', key: 'wrong', expect: { status: 401 } }],
      log: {
        requests: { event: 'done', status: 'status', durationMs: 'ms' },
        canary: { probe: 'refused', event: 'denied' },
      },
      watch: [{ name: 'failures', measure: 'server errors', max: 0.01, severity: 'high' }],
      ...more,
    }),
    { furtherChecks: [statementProblems] },
  );
}
const faultsOf = (...of: Parameters<typeof read>): string[] => {
  const parsed = read(...of);
  return 'plan' in parsed ? [] : parsed.faults.map(({ message }) => message);
};
const planOf = (...of: Parameters<typeof read>) => {
  const parsed = read(...of);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.plan;
};

test('a plan names columns, tables and rows as the database has them', () => {
  expect(
    removalsOf(
      planOf([{ column: '"Order Details".Größe', replacedBy: '"Größe.neu"' }], {
        proof: 'replacement = md5(removed)',
        queries: [{ name: 'q', sql: 'select 1 where $1 is null', sample: '"Order Details"."Größe.neu"', index: 'any' }],
        revision: { table: '"schema versions".alembic-version', from: '6', to: '7' },
      }),
    ),
  ).toMatchObject([{ schema: 'public', table: 'Order Details', column: 'Größe', replacedBy: 'Größe.neu' }]);
  expect(removalsOf(planOf([{ table: 'order-items', primaryKey: ['"Order.Id"', '2nd', '注文'] }]))).toMatchObject([
    { table: 'order-items', primaryKey: ['Order.Id', '2nd', '注文'] },
  ]);
  expect(
    removalsOf(planOf([{ table: 'x', where: { '"a.b"': '1', Größe: '2', '"__proto__"': '3', constructor: '4' } }])),
  ).toEqual([
    {
      ...{ kind: 'rows', schema: 'public', table: 'x', primaryKey: ['id'], keptBy: 'row' },
      where: Object.fromEntries([
        ['a.b', '1'],
        ['Größe', '2'],
        ['__proto__', '3'],
        ['constructor', '4'],
      ]),
    },
  ]);
});

test('a condition that JavaScript would lose is refused: without it more rows would go', () => {
  const where = Object.fromEntries([
    ['tenant', '1'],
    ['__proto__', '2'],
  ]);
  expect(faultsOf([{ table: 'x', where }])).toEqual([expect.stringContaining('"__proto__"')]);
});

test('one thing in two ways of writing is found', () => {
  expect(faultsOf([{ column: 't.a' }, { column: 'public."t"."a"' }])).toEqual([
    expect.stringMatching(/^removes\[1\]\.column: expected each name once, found "public\.t\.a" again/),
  ]);
  expect(faultsOf([{ table: 't', where: { a: '1', '"a"': '2' } }])).toEqual([
    expect.stringMatching(/expected each name once, found "a" again/),
  ]);
  expect(faultsOf([{ column: 't.a', primaryKey: ['"a"'] }])).toEqual([
    expect.stringMatching(/primaryKey: expected columns that stay, found "a"/),
  ]);
  expect(faultsOf([{ column: 't.id' }])).toEqual([expect.stringMatching(/expected columns that stay, found "id"/)]);
  expect(faultsOf([{ column: 't.a', replacedBy: '"a"' }], { proof: 'replacement = md5(removed)' })).toEqual([
    expect.stringMatching(/replacedBy: expected another column beside this one/),
  ]);
});

test('a dot within a name does not make two places one', () => {
  const plan = planOf([{ table: '"a.b".c' }, { table: 'a."b.c"' }]);
  expect(removalsOf(plan).map(placeName)).toEqual(['a."b.c"', '"a.b".c']);
});

test('people read a name on one line, whatever is in it', () => {
  const plan = planOf([{ table: '"a\n-- b\u202e"', where: { '"x y"': '1\n2' } }]);
  expect(plan.removes.map(nameOfRemoval)).toEqual(['"a\\u{a}-- b\\u{202e}" where "x y" = 1\\u{a}2']);
});

test('a query that names what goes is found, whatever the name', () => {
  const query = (sql: string) => ({ queries: [{ name: 'q', sql, sample: 't.b', index: 'any' }] });
  const of = (column: string, sql: string) => faultsOf([{ column }], query(sql));
  expect(of('t.Größe', 'select "Größe" from t where b = $1')).toHaveLength(1);
  expect(of('t.größe', 'select GRößE from t where b = $1')).toHaveLength(1);
  expect(of('t."a b"', 'select "a b" from t where b = $1')).toHaveLength(1);
  expect(of('t."a b"', 'select "a b c" from t where b = $1')).toEqual([]);
  expect(of('t.Größe', 'select "Größen" from t where b = $1')).toEqual([]);
  // Without quotes it is another column to the server.
  expect(of('t.Größe', 'select Größe from t where b = $1')).toEqual([]);
});
