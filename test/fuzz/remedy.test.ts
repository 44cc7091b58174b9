import { loadModule } from 'libpg-query';
import type { Finding } from '../../contract/run/findings';
import { differencesOf } from './compare';
import { besides, kindOf, readRemedy, withPrimaryKey } from './remedy';

beforeAll(() => loadModule());

const finding = (remedy: string, more: Partial<Finding> = {}): Finding => ({
  ...{ check: 'view public.v1', status: 'failed', expected: 'none', found: 'one', remedy },
  ...more,
});

test.each<[string, string, object]>([
  [
    'one statement',
    '"drop view public.v1", then start again',
    { is: 'statements', statements: ['drop view public.v1'] },
  ],
  [
    'names in quotes inside',
    'run "alter table "Order Details" drop constraint "a ""b"""", then start again',
    { is: 'statements', statements: ['alter table "Order Details" drop constraint "a ""b"""'] },
  ],
  [
    'several, and another way after "or"',
    '"alter table t alter a drop not null", then "drop rule r on t", or "drop table t"',
    { is: 'statements', statements: ['alter table t alter a drop not null', 'drop rule r on t'] },
  ],
  [
    'the role of the worker',
    '"grant o to <role of the worker>"',
    { is: 'statements', statements: ['grant o to fuzz_worker'] },
  ],
  ['an ellipsis', '"alter table … drop constraint …"', { is: 'none' }],
  ['words alone', 'drop it', { is: 'none' }],
  ['another key', 'write into the plan: primaryKey: [a, "b, c"]', { is: 'plan', primaryKey: ['a', '"b, c"'] }],
  ['nothing to be done', 'such a table is beyond this plan', { is: 'beyond' }],
])('a remedy with %s is read', (_, remedy, expected) => {
  expect(readRemedy(finding(remedy))).toEqual(expected);
});

test('statements of the finding itself come first', () => {
  expect(readRemedy(finding('"drop view x"', { remedySql: ['drop view y'] }))).toEqual({
    ...{ is: 'statements', statements: ['drop view y'] },
  });
});

test('what stands on a name with quotes in it is changed with it', () => {
  const before = new Map([['DEFAULT public.t id', `ALTER … SET DEFAULT nextval('public."a ""b"""'::regclass);`]]);
  expect(besides(['alter sequence public."a ""b""" owned by none'], before, new Map())).toEqual([]);
  expect(besides(['alter sequence public."a ""c""" owned by none'], before, new Map())).toHaveLength(1);
  const inText = new Map([['DEFAULT public.t id', `ALTER … SET DEFAULT nextval('public."it''s"'::regclass);`]]);
  expect(besides([`alter sequence public."it's" owned by none`], inText, new Map())).toEqual([]);
});

test('whatever a remedy changes besides what it names is found', () => {
  const before = new Map([
    ['VIEW public.v1', 'owner o'],
    ['VIEW public.v2', 'owner o'],
    ['PUBLICATION TABLE public.p1 t1', 'ALTER PUBLICATION p1 ADD TABLE ONLY public.t1;'],
    ['PUBLICATION TABLE public.p1 t2', 'ALTER PUBLICATION p1 ADD TABLE ONLY public.t2;'],
    ['rows of public.t1', '3 rows'],
  ]);
  const now = (...gone: string[]) => new Map([...before].filter(([what]) => !gone.includes(what)));
  expect(besides(['drop view public.v1'], before, now('VIEW public.v1'))).toEqual([]);
  expect(besides(['drop view public.v1'], before, now('VIEW public.v1', 'VIEW public.v2'))).toHaveLength(1);
  const published = now('PUBLICATION TABLE public.p1 t1', 'PUBLICATION TABLE public.p1 t2');
  expect(besides(['alter publication p1 drop table public.t1'], before, published)).toEqual([
    expect.stringMatching(/^PUBLICATION TABLE public.p1 t2/),
  ]);
  const odd = 'ALTER PUBLICATION "p 1" ADD TABLE ONLY public."with ""quotes"" 12" (a) WHERE ((a > 1));';
  const withOdd = new Map([...before, ['PUBLICATION TABLE public.p 1 with "quotes" 12', `owner o\n${odd}`]]);
  expect(besides(['create publication "p 1" for table only "with ""quotes"" 12"'], before, withOdd)).toEqual([]);
  expect(besides(['create publication "p 1" for table only t1'], before, withOdd)).toHaveLength(1);
  expect(besides(['delete from t1'], before, now().set('rows of public.t1', '2 rows'))).toHaveLength(1);
});

test('a column of another type finishes its indexes, and changes nothing else of them', () => {
  const index = (text: string) => new Map([['index public.i1', text]]);
  const unfinished = index('valid f, ready t, clustered f');
  const retype = ['alter table public.t1 alter column c1 type text'];
  expect(besides(retype, unfinished, index('valid t, ready t, clustered f'))).toEqual([]);
  expect(besides(retype, unfinished, index('valid t, ready t, clustered t'))).toHaveLength(1);
  expect(besides(retype, index('valid t, ready t'), index('valid f, ready t'))).toHaveLength(1);
  expect(besides(['drop view public.v1'], unfinished, index('valid t, ready t, clustered f'))).toHaveLength(1);
});

test('the place of a restored column is no difference; all else is one', () => {
  const of = (text: string) => new Map([['TABLE public.t1', text]]);
  const [before, after] = [of('(\n  a int,\n  b text\n);'), of('(\n  b text,\n  a int\n);')];
  expect(differencesOf(before, after, new Set(['public.t1']))).toEqual([]);
  expect(differencesOf(before, after)).toHaveLength(1);
  expect(differencesOf(before, of('(\n  b text,\n  a bigint\n);'), new Set(['public.t1']))).toHaveLength(1);
});

test('a finding is of a kind, whatever its names; its key is that of its table', () => {
  expect(kindOf(finding('', { check: 'table constraint flint_35 on public.jolt_9' }))).toBe('table constraint');
  const removes = [{ table: 'jolt_9' }, { table: 'other.jolt_9' }];
  const check = 'rollback by the primary key of other.jolt_9';
  expect(withPrimaryKey(removes, finding('', { check }), ['a'])).toEqual([
    { table: 'jolt_9' },
    { table: 'other.jolt_9', primaryKey: ['a'] },
  ]);
});

test('the order in which rights were given is no difference; another right is one', () => {
  const of = (...grants: string[]) => new Map([['ACL public.TABLE t1', grants.join('\n')]]);
  expect(
    differencesOf(of('GRANT SELECT TO a;', 'GRANT SELECT TO b;'), of('GRANT SELECT TO b;', 'GRANT SELECT TO a;')),
  ).toEqual([]);
  expect(differencesOf(of('GRANT SELECT TO a;'), of('GRANT UPDATE TO a;'))).toHaveLength(1);
});
