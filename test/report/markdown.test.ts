import { join } from 'node:path';
import { jsonReport, verifyJsonReport } from '../../report/json';
import { markdownReport } from '../../report/markdown';
import { withoutCodes } from '../../report/without-codes';
import { doneFacts, hostileFacts, refusedFacts, sampleRun, usedCode, waitingFacts } from '../support/looks/facts';
import { expectGolden } from '../support/looks/golden';
import type { Facts } from '../../contract/run/facts';

const golden = (name: string): string => join(__dirname, `report-${name}.golden.txt`);

const rollback = (loss: { rows: number; values: number; since: string }): Facts => ({
  ...waitingFacts(),
  kind: 'rollback',
  order: { rollout: sampleRun.workflowId, requestedBy: 'otto', reason: 'clients report 401' },
  rollback: {
    observed: { data: 'dropped', row: 'dropped', release: 'phase3' },
    rollout: { ...sampleRun, planDigest: '5f2b', requesters: ['maria'] },
    backup: { id: '2026-11-24T09-44-00Z', sha256: 'ba5e', takenAt: '2026-11-24T09:44:00.000Z' },
    loss: { ...loss, becomes: 'placeholder' as const },
    restorable: { rows: 1_000_124, values: 9_031 },
    identity: waitingFacts().environments.production.identity as never,
    findings: [],
  },
});

test('the report of a rollout says first how it ended, then all that an auditor asks', () => {
  expectGolden(golden('done'), markdownReport(doneFacts()));
});

test('the report of a refused rollout says what stood in the way, what to do, and that nothing was removed', () => {
  expectGolden(golden('refused'), markdownReport(refusedFacts()));
});

test('a report of a rollout that goes on says so', () => {
  const report = markdownReport(waitingFacts());
  expect(report).toContain('This is a report so far'.toLowerCase().slice(5));
  expect(report).toContain('Nothing was removed from production.');
  expect(report).not.toContain('Where the removed values are gone');
});

/** The chapter of the report that says where values remain. */
const remainsOf = (facts: Facts): string =>
  /## Where the removed values are gone, and where they still are\n([^]*?)\n## /.exec(markdownReport(facts))?.[1] ?? '';

test('where values remain is told of production, by the last look at each place', () => {
  const remains = remainsOf(doneFacts());
  expect(remains).toContain('- the standby "replica-1": pages and log');
  expect(remains).toContain('- 43 names of Redis keys like mcp');
  expect(remains).not.toMatch(/replica-of-staging|41 names|it saw none/);
  expect(remains).toContain('destroyed at **2026-12-24 11:12:40 UTC**, the identity first');
});

test('where no standby was seen and no date was ordered, it says so', () => {
  const { destroyAt: _, ...facts } = doneFacts();
  const remains = remainsOf({ ...facts, steps: [] });
  expect(remains).toContain('- standbys that were not connected during preflight, which saw none');
  expect(remains).toContain('⚠ no date was set: destroy its identity by hand');
  expect(remains).not.toContain('the cache: flushed');
});

test('a rollout that has dropped nothing says when its backups go', () => {
  const { backup, proof } = doneFacts().environments.production;
  const { environments } = waitingFacts();
  const staging = { ...environments.staging, ...(backup && { backup }), ...(proof && { proof }) };
  const facts = {
    ...waitingFacts({ environments: { ...environments, staging } }),
    destroyAt: '2026-12-24T11:12:40.000Z',
  };
  expect(markdownReport(facts)).toContain('Kept until **2026-12-24 11:12:40 UTC**; then aftercare destroys all of it');
});

test('a rollback says what it gives back and what is lost', () => {
  const lossy = markdownReport(rollback({ rows: 41, values: 3, since: '2026-11-24T09:44:00.000Z' }));
  expect(lossy).toContain('Restorable: 1,000,124 rows (9,031 distinct values)');
  expect(lossy).toContain('**Loss:** 41 rows (3 distinct values) written since 2026-11-24 09:44:00 UTC');
  expect(markdownReport(rollback({ rows: 0, values: 0, since: '' }))).toContain('- Loss: none');
});

test('a backup without proof, or with the proof of another, is marked', () => {
  const facts = doneFacts();
  const { proof, ...rest } = facts.environments.production;
  const unproven = { ...facts, environments: { ...facts.environments, production: rest } };
  expect(markdownReport(unproven)).toContain('⚠ not proven');
  const other = { ...rest, proof: { ...(proof as NonNullable<typeof proof>), sha256: 'other' } };
  const swapped = { ...facts, environments: { ...facts.environments, production: other } };
  expect(markdownReport(swapped)).toContain('⚠ the proof is for different bytes');
});

test('hostile texts make no headings, links, HTML or rows of their own', () => {
  const report = markdownReport(hostileFacts());
  const effective = report
    .replace(/^(`{3,}).*\n[^]*?\n\1$/gm, '')
    .replace(/\\./g, '')
    .replace(/`[^`\n]*`/g, '');
  expect(/<script|\[link|\u202e|^# head/m.exec(effective)?.[0]).toBeUndefined();
  const headings = report.split('\n').filter((line) => line.startsWith('## '));
  expect(new Set(headings).size).toBe(headings.length);
});

test('no report holds a code', () => {
  for (const text of [markdownReport(doneFacts()), jsonReport(doneFacts())]) expect(text).not.toContain(usedCode);
  expect(withoutCodes(doneFacts()).votes.map(({ person }) => person)).toEqual(['anna', 'ben']);
});

test('the JSON report verifies, however its keys are ordered or laid out', () => {
  const text = jsonReport(doneFacts());
  const { digest, report } = JSON.parse(text) as { digest: string; report: Facts };
  expect(verifyJsonReport(text)).toEqual({ ok: true, digest });
  const reversed = Object.fromEntries(Object.entries(report).reverse());
  expect(verifyJsonReport(JSON.stringify({ report: reversed, digest }))).toEqual({ ok: true, digest });
  expect(jsonReport(doneFacts())).toBe(text);
});

test('a JSON report that was changed does not verify', () => {
  const changed = jsonReport(doneFacts()).replace('"by": "ben"', '"by": "carl"');
  expect(verifyJsonReport(changed)).toMatchObject({ ok: false, because: expect.stringContaining('was changed') });
  expect(verifyJsonReport('# Markdown')).toMatchObject({ ok: false });
  expect(verifyJsonReport('{"a":1}')).toMatchObject({ ok: false });
});

test.each([
  ['table', 'reporting.exports', { table: 'reporting.exports' }],
  ['rows', 'orders where tenant_id = 42', { table: 'orders' }],
] as const)('of the kind %s it says rows instead of owners, and names what they are', (kind, name, of) => {
  const facts = doneFacts();
  const { production } = facts.environments;
  production.rows = [
    {
      ...of,
      total: 900,
      match: 700,
      mismatch: 0,
      valueWithoutReplacement: 0,
      replacementWithoutValue: 0,
      public: 0,
      byRow: true,
    },
  ];
  Object.assign(facts.plan ?? {}, { kind, removes: [name] });
  const report = markdownReport(facts);
  expect(report).toContain(name);
  expect(report).toMatch(new RegExp(`\\| .?${of.table}.? *\\| *900 *\\| *700 *\\|`));
  expect(report).not.toMatch(/undefined|pair proven/);
  expect(report).toMatch(/final copy \|.* rows \|.*each row by its primary key/);
  if (kind === 'rows') expect(report).toContain('pages of `orders` (TOAST too)');
  else expect(report).not.toContain('(TOAST too)');
});
