import { createProbe } from '../../../activities/evidence/probe';
import type { FindEnvironment } from '../../../activities/environment/environment';
import type { Probe } from '../../../contract/plan/evidence';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase2' })));
afterAll(() => staged.close());

async function probe(
  { probes = staged.plan.probes, serves = 'from' }: { probes?: Probe[]; serves?: 'from' | 'to' } = {},
  environment: FindEnvironment = staged.find,
) {
  const plan = await knownTo(staged.environment, { ...staged.plan, probes });
  return createProbe({ environment })({ target: 'agent-api', ...plan, serves });
}

const listing: Probe = { name: 'list', method: 'GET', path: '/api/v1/sessions', key: 'right', expect: { status: 200 } };
const rowCount = async (): Promise<number> => {
  const [row] = await staged.stage.database.query<{ n: number }>('select count(*)::int as n from sessions');
  return row!.n;
};

test('both releases answer every probe as the plan says, each in its own way', async () => {
  const old = await probe();
  expect(old.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(old[0]?.found).toBe('status 200, release "phase2"');
  await staged.serve('phase3');
  const later = await probe({ serves: 'to' });
  await staged.serve('phase2');
  expect(later.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(later).toHaveLength(staged.plan.probes.length + 1);
});

test('the wrong release is told by its health and by the probe that differs', async () => {
  const failed = (await probe({ serves: 'to' })).filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([
    {
      check: 'health',
      expected: 'a healthy answer that names release "phase3"',
      found: 'status 200, release "phase2"',
    },
    { check: 'probe a public session, with a key', expected: 'status 404', found: 'status 200' },
  ]);
});

test('in production it only reads, and says what it left out', async () => {
  const before = await rowCount();
  const findings = await probe({}, staged.findWith({ name: 'production' }));
  expect(await rowCount()).toBe(before);
  expect(findings.filter(({ status }) => status !== 'passed')).toMatchObject([
    { check: 'probe create a session', status: 'not covered', found: 'POST, which would leave a row in production' },
    { check: 'probe create an assistant', status: 'not covered' },
  ]);
});

test.each<[string, Partial<Probe> & Pick<Probe, 'expect'>, object]>([
  ['another status', { expect: { status: 204 } }, { status: 'failed', found: 'status 200' }],
  [
    'a field that must not be there',
    { expect: { status: 200, lacks: 'title' } },
    { status: 'failed', found: 'a field "title"' },
  ],
  [
    'a field that is missing',
    { expect: { status: 200, has: 'owner' } },
    { status: 'failed', found: 'no field "owner"' },
  ],
  ['a field of each object of the list', { expect: { status: 200, has: 'title' } }, { status: 'passed' }],
  ['a path that is not JSON', { path: '/api/v1/nothing', expect: { status: 404, has: 'x' } }, { status: 'passed' }],
  [
    'a sample that selects nothing',
    { path: '/api/v1/sessions/{sample}', sample: 'select id from sessions where false', expect: { status: 200 } },
    { status: 'unknown', found: 'no call: its sample selects no row' },
  ],
  [
    'a sample that is no SQL of this database',
    { path: '/api/v1/sessions/{sample}', sample: 'select id from no_such_table', expect: { status: 200 } },
    { status: 'unknown', found: expect.stringMatching(/^no call: its sample can't be selected: .*no_such_table/) },
  ],
  [
    'a sample that the server refuses, which is told without its text',
    { path: '/api/v1/sessions/{sample}', sample: 'select status::date from sessions', expect: { status: 200 } },
    {
      status: 'unknown',
      found: "no call: its sample can't be selected: probes[0].sample: refused by the server, SQLSTATE 22007",
    },
  ],
  [
    'a sample with signs of its own',
    { path: '/api/v1/sessions/{sample}', sample: "select 'a/b?c=ü'", expect: { status: 404 } },
    { status: 'passed' },
  ],
])('%s', async (_, change, expected) => {
  const [, finding] = await probe({ serves: 'to', probes: [{ ...listing, ...change }] });
  expect(finding).toMatchObject(expected);
});

test('a list without elements proves no field: unknown', async () => {
  const ofAssistantsOnly = { probeKey: staged.stage.data.oddKeys.at(-1)! }; // too long for a session
  const probes: Probe[] = [{ ...listing, expect: { status: 200, has: 'title' } }];
  const [, finding] = await probe({ probes }, staged.findWith({}, ofAssistantsOnly));
  expect(finding).toMatchObject({ status: 'unknown', found: 'status 200, nothing that could have field "title"' });
});

test('every key that HTTP can carry works as a probe key, whatever its signs', async () => {
  const [blanksAtItsEnds, ...others] = staged.stage.data.oddKeys;
  const statusOf = async (probeKey = '') =>
    (await probe({ probes: [listing] }, staged.findWith({}, { probeKey })))[1]?.status;
  expect(await statusOf(blanksAtItsEnds)).toBe('failed');
  for (const probeKey of others) expect(await statusOf(probeKey)).toBe('passed');
});

test('an application that is down fails and tells no key', async () => {
  const findings = await probe({}, staged.findWith({}, { url: 'http://127.0.0.1:1' }));
  expect(findings[0]).toMatchObject({ status: 'failed', found: expect.stringMatching(/^no answer/) });
  expect(findings.some(({ status }) => status === 'passed')).toBe(false);
  const text = JSON.stringify(findings);
  expect(text).not.toContain(staged.stage.data.probeKey);
  expect(text).not.toContain('let-me-through');
});
