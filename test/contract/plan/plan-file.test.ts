import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { digestOf } from '../../../contract/text/digest';
import type { Plan } from '../../../contract/plan/plan';
import { overriddenDurations } from '../../../contract/plan/durations';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import { loadGrammar } from '../../../sql/statements/grammar';
import { statementProblems } from '../../../sql/statements/plan-statements';

const name = 'drop-plaintext-api-keys';
const text = readFileSync(join(__dirname, '../../../plans', name, 'plan.yaml'), 'utf8');

/** A plan that may become a wrong one. */
interface Draft {
  [section: string]: unknown;
  removes: {
    column?: string;
    table?: string;
    partition?: string;
    index?: string;
    of?: string;
    where?: object;
    replacedBy?: string;
    primaryKey?: string[];
  }[];
  queries: object[];
  probes: { [field: string]: unknown; expect: Record<string, unknown> }[];
  log?: { requests: object; canary: { probe: string; event: string } };
  watch: object[];
}

/** What makes a plan one about a thing. */
const external = {
  proof: undefined,
  removes: [{ external: 'a bucket' }],
  byAction: { hide: 'deny-it', unhide: 'allow-it', drop: 'delete-it' },
  restore: 'none',
};

/** Every part that a plan must have; `change` edits it before it is written as YAML. */
function smallPlan(change: (plan: Draft) => void = () => {}): string {
  const plan: Draft = {
    does: 'Drop the name',
    release: { from: 'one', to: 'two' },
    removes: [{ column: 'animals.name', replacedBy: 'name_hash' }],
    proof: 'replacement = md5(removed)',
    queries: [],
    probes: [{ name: 'refused', path: '/', key: 'wrong', expect: { status: 401 } }],
    log: {
      requests: { event: 'done', status: 'status', durationMs: 'ms' },
      canary: { probe: 'refused', event: 'denied' },
    },
    watch: [{ name: 'failures', measure: 'server errors', max: 0.01, severity: 'high' }],
  };
  change(plan);
  return stringify(plan);
}

beforeAll(loadGrammar);

const faultsIn = (source: string, planName = 'some-plan'): string[] => {
  const parsed = parsePlanFile(planName, source, { furtherChecks: [statementProblems] });
  return 'plan' in parsed ? [] : parsed.faults.map(({ place, message }) => `${place} ${message}`);
};

const planOf = (source: string, planName = 'some-plan'): Plan => {
  const parsed = parsePlanFile(planName, source);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.plan;
};

describe('the first plan', () => {
  test('is complete: no fault, every section, the runbook’s durations', () => {
    const plan = planOf(text, name);
    expect(Object.keys(plan).sort()).toEqual(
      'approvals cache does durations loadTest log name probes proof queries release removes revision watch'.split(' '),
    );
    expect(overriddenDurations(plan.durations)).toEqual([]);
    expect(plan.durations).toMatchObject({ soak: '24 hours', monitor: '1 hour' });
    expect(plan.loadTest).toMatchObject({ requests: 1_000, connections: 100, successShare: 1, p95Ms: 500 });
  });

  test('names no value that may not be sampled, and flushes no primary data', () => {
    const { cache, queries } = planOf(text, name);
    expect(cache?.flush).toEqual(['assistant:*', 'session:*']);
    expect(queries.map(({ sample }) => sample)).toEqual([
      'sessions.owner_api_key_hash',
      'assistants.owner_api_key_hash',
    ]);
  });
});

describe('a plan’s digest', () => {
  test('is the same for any order of keys, with and without comments', () => {
    const whole = planOf(text, name);
    const { name: _, ...written } = whole;
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const shuffled = stringify(shuffleKeys(written, numbers));
        expect(digestOf(planOf(shuffled, name))).toBe(digestOf(whole));
      }),
      { numRuns: 10 },
    );
  });

  test('is the same whether a default is written out or not', () => {
    expect(digestOf(planOf(`${text}\ndurations: { soak: 24 hours }\n`, name))).toBe(digestOf(planOf(text, name)));
  });

  test('changes with every other value, and with the name', () => {
    const digests = [
      planOf(text, name),
      planOf(text, 'another-name'),
      planOf(text.replace('max: 0.01', 'max: 0.02'), name),
      planOf(`${text}\ndurations: { soak: 23 hours }\n`, name),
    ].map(digestOf);
    expect(new Set(digests).size).toBe(4);
  });
});

test('a duration in other words is not overridden', () => {
  const plan = planOf(`${smallPlan()}durations: { monitor: 60 minutes, soak: 1 hour }`);
  expect(overriddenDurations(plan.durations)).toEqual(['soak']);
});

test('all faults come at once, each with its place', () => {
  const broken = [
    'does: 5',
    'release: { from: one, to: one }',
    'removes:',
    '  - { column: animals, replacedBy: name_hash }',
    'prof: removed',
    'proof: removed = secret',
    'probes:',
    '  - { name: a, path: "/", key: rihgt, expect: { status: 200 } }',
    'log:',
    '  requests: { event: done, status: status }',
    'watch:',
    '  - { name: f, measure: sever errors, max: 0.01, severity: high }',
    'durations: { soak: ever, gateExpiry: 1 minute }',
  ].join('\n');
  expect(faultsIn(broken, 'Some plan')).toEqual([
    'plan.yaml name of its folder: expected lower-case letters, digits and hyphens, found "Some plan"',
    'plan.yaml:1:7 does: expected text, found 5',
    'plan.yaml:2:27 release.to: expected another one than "from", found "one" for both',
    'plan.yaml:4:15 removes[0].column: expected "table.column" or "schema.table.column", found "animals"',
    'plan.yaml:5:1 prof: unknown field; did you mean "proof"?',
    'plan.yaml:6:18 proof: expected only the words "replacement" and "removed", found "secret"',
    'plan.yaml:8:32 probes[0].key: expected one of "right", "wrong", "none", found "rihgt"; did you mean "right"?',
    'plan.yaml:10:3 log.canary: missing; expected fields such as "name: value"',
    'plan.yaml:10:13 log.requests.durationMs: missing; expected text',
    'plan.yaml:12:25 watch[0].measure: expected one of "events", "server errors", "p95", found "sever errors"; did you mean "server errors"?',
    'plan.yaml:13:20 durations.soak: expected a duration such as "24 hours" or "30 s", found "ever"',
    'plan.yaml:13:38 durations.gateExpiry: expected more than "announceAhead" (15 minutes), or approvals expire before they count, found "1 minute"',
  ]);
});

describe('what no single field shows', () => {
  const cases: [string, (plan: Draft) => void, string][] = [
    [
      'a column that goes twice',
      (plan) => plan.removes.push({ column: 'public.animals.name', replacedBy: 'other' }),
      'removes[1].column: expected each name once, found "public.animals.name" again',
    ],
    [
      'a replacement that goes too',
      (plan) => plan.removes.push({ column: 'animals.name_hash', replacedBy: 'other' }),
      'removes[0].replacedBy: expected a column that stays, found "name_hash"',
    ],
    [
      'a replacement in another table',
      (plan) => (plan.removes[0]!.replacedBy = 'plants.name'),
      'removes[0].replacedBy: expected the name of a column of the same table, without the table, found "plants.name"',
    ],
    [
      'a column that no proof speaks of, beside one that it does',
      (plan) => plan.removes.push({ column: 'animals.note' }),
      'removes[1]: expected "replacedBy", since the plan has a proof, found none',
    ],
    [
      'a replacement without a proof',
      (plan) => delete plan.proof,
      'removes[0].replacedBy: expected a "proof" beside it, found none; add it, or leave this out',
    ],
    [
      'values that are found in two ways',
      (plan) => plan.removes.push({ column: 'plants.name', replacedBy: 'name_hash', primaryKey: ['id'] }),
      'removes[1].primaryKey: expected it for each column or for none',
    ],
    [
      'a primary key that goes',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ column: 'animals.name', primaryKey: ['name'] }];
      },
      'removes[0].primaryKey: expected columns that stay, found "name"',
    ],
    [
      'a column that replaces itself',
      (plan) => (plan.removes[0]!.replacedBy = 'name'),
      'removes[0].replacedBy: expected another column beside this one, found a rewrite in place, which is refused',
    ],
    [
      'a type in place',
      (plan) => Object.assign(plan.removes[0]!, { type: 'bigint' }),
      'removes[0].type: expected another column beside this one, found a rewrite in place, which is refused',
    ],
    [
      'a section of rewrites',
      (plan) => Object.assign(plan, { rewrites: [{ column: 'animals.id', to: 'bigint' }] }),
      'rewrites: expected another column beside this one, found a rewrite in place, which is refused',
    ],
    [
      'neither a column nor a table',
      (plan) => (plan.removes = [{ replacedBy: 'name_hash' }]),
      'removes[0]: expected "column", "table", "partition", "index" or "external", found none; say what to remove',
    ],
    [
      'an index with what belongs to a column',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ index: 'animals_name', primaryKey: ['id'] }];
      },
      'removes[0]: expected "index" alone, found "primaryKey" beside it; leave it out: an index has no values',
    ],
    [
      'an index beside a column',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ index: 'animals_name' }, { column: 'animals.name' }];
      },
      'removes[1]: expected indexes alone, as the first one is, found columns; give columns a plan of their own',
    ],
    [
      'a column and a table at once',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ column: 'animals.name', table: 'animals' }];
      },
      'removes[0]: expected "column" or "table", found both; a table takes its columns with it',
    ],
    [
      'a partition of nothing',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ partition: 'animals_2023' }];
      },
      'removes[0].of: expected the partitioned table that it is detached from, found none; write "of: <table>"',
    ],
    [
      'a table of a table',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ table: 'animals_2023', of: 'animals' }];
      },
      'removes[0].of: expected it beside "partition" alone, which it says the table of; leave it out',
    ],
    [
      'a partition and a table at once',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ partition: 'animals_2023', of: 'animals', table: 'animals' }];
      },
      'removes[0]: expected "partition" alone, found "table", too; a partition takes its rows with it',
    ],
    [
      'a partition that something replaces',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ partition: 'animals_2023', of: 'animals', replacedBy: 'name_hash' }];
      },
      'removes[0].replacedBy: expected none beside "partition", whose rows are kept as they are; leave it out',
    ],
    [
      'one partition twice',
      (plan) => {
        delete plan.proof;
        plan.removes = ['animals', 'plants'].map((of) => ({ partition: 'animals_2023', of }));
      },
      'removes[1].partition: expected each name once, found "public.animals_2023" again',
    ],
    [
      'columns and tables in one plan',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ column: 'animals.name' }, { table: 'plants' }];
      },
      'removes[1]: expected columns alone, as the first one is, found tables; give tables a plan of their own',
    ],
    [
      'a table with a proof',
      (plan) => (plan.removes = [{ table: 'plants' }]),
      'proof: expected none beside tables, which nothing replaces; leave it out',
    ],
    [
      'a thing that may come back',
      (plan) => Object.assign(plan, external, { restore: undefined }),
      'restore: expected "none", found nothing: write it',
    ],
    [
      'a thing that no one can hide',
      (plan) => Object.assign(plan, external, { byAction: { drop: 'delete-it' } }),
      'byAction: expected an action for each of hide, unhide and drop, found none for hide, unhide',
    ],
    [
      'a thing beside a column',
      (plan) => Object.assign(plan, external, { removes: [{ external: 'a bucket' }, { column: 'animals.name' }] }),
      'removes[1]: expected external resources alone, as another one is',
    ],
    [
      'a column that does not come back',
      (plan) => Object.assign(plan, { restore: 'none' }),
      'restore: expected none, since a copy is taken of what is removed; leave it out',
    ],
    [
      'a column that an action hides',
      (plan) =>
        Object.assign(plan, { revision: { table: 'versions', from: '1', to: '2' }, byAction: { hide: 'hide-it' } }),
      'byAction.hide: expected none, since statements follow from what is removed',
    ],
    [
      'rows of no table',
      (plan) => (plan.removes[0]!.where = { tenant: '42' }),
      'removes[0].where: expected it beside "table" alone, whose rows it chooses; leave it out',
    ],
    [
      'rows by a number, which may not be what is written',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ table: 'plants', where: { tenant: 42 } }];
      },
      "removes[0].where.tenant: expected text in quotes, such as '42'",
    ],
    [
      'rows of any value',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ table: 'plants', where: {} }];
      },
      'removes[0].where: expected a column and its value, found none; for all rows leave it out',
    ],
    [
      'rows of one table twice',
      (plan) => {
        delete plan.proof;
        plan.removes = ['1', '2'].map((tenant) => ({ table: 'plants', where: { tenant } }));
      },
      'removes[1].table: expected each name once, found "public.plants" again; rename or remove it',
    ],
    [
      'a table that an action is to drop',
      (plan) => {
        delete plan.proof;
        Object.assign(plan, {
          removes: [{ table: 'plants' }],
          revision: { table: 'versions', from: '1', to: '2' },
          byAction: { drop: 'migrate' },
        });
      },
      'byAction: expected none beside tables, since it would not build them again as they were',
    ],
    [
      'a query of a table to be removed',
      (plan) => {
        delete plan.proof;
        plan.removes = [{ table: 'plants' }];
        plan.queries.push({ name: 'q', sql: 'select from plants where id = $1', sample: 'animals.id', index: 'i' });
      },
      'queries[0].sql: expected a statement that works afterwards, found one that names "plants"',
    ],
    [
      'a sample of a dying column',
      (plan) => plan.queries.push({ name: 'q', sql: 'select $1', sample: 'animals.name', index: 'i' }),
      'queries[0].sample: expected a column that stays, found "animals.name"',
    ],
    [
      'a sample that is no column',
      (plan) => plan.queries.push({ name: 'q', sql: 'select $1', sample: 'animals.name; drop table a', index: 'i' }),
      'queries[0].sample: expected "table.column" or "schema.table.column"; what is no letter',
    ],
    [
      'a query that names a dying column',
      (plan) => plan.queries.push({ name: 'q', sql: 'select NAME from a where b = $1', sample: 'a.b', index: 'i' }),
      'queries[0].sql: expected a statement that works afterwards, found one that names "name"',
    ],
    [
      'a probe’s sample that names a dying column',
      (plan) => Object.assign(plan.probes[0]!, { path: '/{sample}', sample: 'select name from animals' }),
      'probes[0].sample: expected a statement that works afterwards, found one that names "name"',
    ],
    [
      'two probes of one name',
      (plan) => plan.probes.push(structuredClone(plan.probes[0]!)),
      'probes[1].name: expected each name once',
    ],
    [
      'a path whose {sample} no one selects',
      (plan) => (plan.probes[0]!.path = '/{sample}'),
      'probes[0].path: expected a field "sample" for {sample}, found none',
    ],
    [
      'a sample that no path uses',
      (plan) => (plan.probes[0]!.sample = 'select 1'),
      'probes[0].sample: expected {sample} in "path", found none',
    ],
    ['a body with GET', (plan) => (plan.probes[0]!.body = {}), 'probes[0].body: expected no body with GET'],
    [
      'an unknown canary',
      (plan) => (plan.log!.canary.probe = 'refusd'),
      'log.canary.probe: expected the name of a probe, found "refusd"; did you mean "refused"?',
    ],
    [
      'a canary that one of the releases answers',
      (plan) => (plan.probes[0]!.expect.before = 200),
      'log.canary.probe: expected a probe that both releases refuse, found "refused" with status 200, then 401',
    ],
    [
      'a load test of unknown calls',
      (plan) => (plan.loadTest = { calls: ['list'] }),
      'loadTest.calls[0]: expected the name of a probe, found "list"; known: refused',
    ],
    [
      'a load test of refused calls',
      (plan) => (plan.loadTest = { calls: ['refused'] }),
      'loadTest.calls[0]: expected a probe that succeeds, found "refused", which expects status 401',
    ],
    [
      'two rules of one name',
      (plan) => plan.watch.push(structuredClone(plan.watch[0]!)),
      'watch[1].name: expected each name once',
    ],
    [
      'a rule that matches every line',
      (plan) => plan.watch.push({ name: 'all', measure: 'events', match: {}, max: 0, severity: 'high' }),
      'watch[1].match: expected "event" or "level", found neither',
    ],
    [
      'residual keys that the flush would remove',
      (plan) => (plan.cache = { flush: ['a:*'], neverContains: 'name', residual: ['a:b:*'] }),
      'cache.residual[0]: expected keys that the flush leaves alone, found "a:b:*", which overlaps with "a:*"',
    ],
    [
      'a flush that removes nothing',
      (plan) => (plan.cache = { flush: ['a:*'], neverContains: 'name', keysPerSecond: 0 }),
      'cache.keysPerSecond: expected number to be >=1, found 0',
    ],
    ['no log to measure by', (plan) => delete plan.log, 'watch: expected a section "log" to measure by, found none'],
    [
      'a soak that is never sampled',
      (plan) => (plan.durations = { soak: '1 s' }),
      'durations.soakEvery: expected at most "soak" (1 s)',
    ],
    [
      'a turn of nothing',
      (plan) => (plan.durations = { monitorEvery: '0 s' }),
      'durations.monitorEvery: expected more than 0',
    ],
    [
      'a lock that everyone waits for',
      (plan) => (plan.durations = { lockTimeout: '1 minute' }),
      'durations.lockTimeout: expected at most 2 s',
    ],
    [
      'a wait beyond all reason',
      (plan) => (plan.durations = { soak: '10 years' }),
      'durations.soak: expected at most 366 days',
    ],
  ];
  test.each(cases)('%s', (_, change, message) => {
    expect(faultsIn(smallPlan())).toEqual([]);
    const found = faultsIn(smallPlan(change));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
    expect(found[0]).toMatch(/^plan\.yaml:\d+:\d+ /);
  });
});

describe('odd text', () => {
  test.each([
    ['nothing', '', 'plan.yaml expected one YAML document, found an empty file'],
    ['only comments', '# plan', 'plan.yaml expected one YAML document, found an empty file'],
    ['a list', '- a', 'plan.yaml:1:1 expected fields such as "name: value"'],
    ['a word', 'drop', 'plan.yaml:1:1 expected fields such as "name: value"'],
    ['two documents', `${smallPlan()}---\ndoes: more\n`, 'expected one YAML document, found another'],
    [
      'a key twice',
      `${smallPlan()}does: again\n`,
      'expected each field once, found this one again; remove one of them',
    ],
    ['an anchor', `does: &a x`, 'plan.yaml:1:10 expected no anchor ("&name"); remove it'],
    ['an alias', `does: *a`, 'plan.yaml:1:7 expected no alias ("*name"); write the value itself'],
    ['a merge key', `${smallPlan()}<<: { does: x }\n`, 'unknown field'],
    ['a tag', 'does: !!js/function "x"', 'plan.yaml:1:7 expected no mark "!"'],
    ['a prototype', `${smallPlan()}__proto__: { does: x }\n`, 'expected another name than "__proto__"'],
    ['broken YAML', 'does: "x', 'plan.yaml:1:9 Missing closing'],
    ['deep nesting', '['.repeat(20_000), 'expected at most 32 levels of nesting, found more'],
    ['too much', `# ${'x'.repeat(300_000)}`, 'plan.yaml expected at most 262144 bytes, found 300002'],
  ])('%s is refused in words', (_, source, message) => {
    expect(faultsIn(source).join('\n')).toContain(message);
  });

  test('an alias bomb is refused before it is blown up', () => {
    const levels = Array.from(
      { length: 30 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
    );
    const startedAtMs = Date.now();
    expect(faultsIn(['a0: &a0 [x]', ...levels].join('\n'))[0]).toContain('expected no anchor');
    expect(Date.now() - startedAtMs).toBeLessThan(2_000);
  });

  test('no text makes it throw', () => {
    const small = smallPlan();
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (source) => void faultsIn(source)));
    fc.assert(
      fc.property(fc.nat(small.length), fc.string({ maxLength: 3 }), (place, piece) => {
        faultsIn(small.slice(0, place) + piece + small.slice(place + 1));
      }),
      { numRuns: 50 },
    );
  });

  test('Windows line ends and a byte order mark are fine', () => {
    expect(digestOf(planOf(`\uFEFF${text.replaceAll('\n', '\r\n')}`, name))).toBe(digestOf(planOf(text, name)));
  });
});

function shuffleKeys(value: unknown, numbers: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, numbers));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => ({
    key,
    member,
    order: numbers.next().value as number,
  }));
  entries.sort((a, b) => a.order - b.order);
  return Object.fromEntries(entries.map(({ key, member }) => [key, shuffleKeys(member, numbers)]));
}
