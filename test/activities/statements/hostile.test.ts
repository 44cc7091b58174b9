import { createCaptureBaseline } from '../../../activities/evidence/capture-baseline';
import { createCheckQueries } from '../../../activities/preflight/check-queries';
import { createProbe } from '../../../activities/evidence/probe';
import { obstacles } from '../../../contract/run/findings';
import type { Plan } from '../../../contract/plan/plan';
import { openHostileStage, type HostileStage } from '../../support/stages/hostile-stage';
import { knownTo } from '../../support/inputs/known-plan';
import { some } from '../../support/inputs/some';
import { hostileSelects, trappedSelects } from '../../support/inputs/plan-statements';

// The plans of these tests are known to the worker: what is shown is the look at the effect, by the owner of everything.
let at: HostileStage;
let before: object;
beforeAll(async () => {
  at = await openHostileStage();
  before = await at.seen();
});
afterAll(() => at.close());

const target = 'agent-api';
type Outcome = { type: string; message: string } | { result: unknown };

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  return work.then(
    (result) => ({ result }),
    (error: Error & { type: string }) => ({ type: error.type, message: error.message }),
  );
}

/** The same select as a query and as a probe's sample, by each activity that would run it. */
async function outcomesOf(sql: string): Promise<Outcome[]> {
  const deps = { environment: at.stage.find };
  const asQuery = await knownTo(at.stage.environment, at.planWith({ sql }));
  const asSample = await knownTo(at.stage.environment, at.planWith({ sample: sql }));
  return [
    await outcomeOf(createCheckQueries(deps)({ target, ...asQuery })),
    await outcomeOf(createCaptureBaseline(deps)({ target, ...asQuery })),
    await outcomeOf(createProbe(deps)({ target, ...asSample, serves: 'from' })),
  ];
}

test.each(some(hostileSelects))('an activity that is called directly refuses: %s', async (_, sql) => {
  const outcomes = await outcomesOf(sql);
  const refused = { type: 'InvalidInput', message: expect.stringMatching(/: expected .*; nothing was run$/s) };
  expect(outcomes).toEqual([refused, refused, refused]);
  expect(at.tells(JSON.stringify(outcomes))).toBe(false);
});

test.each(some(trappedSelects, 2))('the server is asked, and then it refuses: %s', async (_, sql) => {
  const [query, baseline, probe] = await outcomesOf(sql);
  expect(obstacles((query as { result: [] }).result)).toMatchObject([
    {
      status: 'failed',
      found: expect.stringMatching(/^queries\[0\]\.sql \(character \d+\): expected .*; nothing was run$/),
    },
  ]);
  expect(baseline).toMatchObject({ type: 'WrongState' });
  expect((probe as { result: object[] }).result[1]).toMatchObject({ status: 'unknown' });
  expect(at.tells(JSON.stringify([query, baseline, probe]))).toBe(false);
});

test('a comparison means the system’s, whatever somebody has made in a schema of the usual path', async () => {
  const [query] = await outcomesOf(`select lower(title) from sessions where title = $1 or owner_api_key_hash = $1`);
  expect(obstacles((query as { result: [] }).result)).toEqual([]);
});

test('what the server refuses is told as its SQLSTATE and its place, and nothing that it has read', async () => {
  const [query, baseline, probe] = await outcomesOf(`select owner_api_key_hash::date from sessions where title <> $1`);
  const told = 'refused by the server, SQLSTATE 22007';
  expect((query as { result: object[] }).result[0]).toMatchObject({
    status: 'failed',
    found: `queries[0].sql: ${told}`,
  });
  expect(baseline).toMatchObject({ message: `queries[0].sql: ${told}` });
  expect((probe as { result: object[] }).result[1]).toMatchObject({
    found: expect.stringContaining(`probes[0].sample: ${told}`),
  });
});

test.each<[string, (plan: Plan & { planDigest: string }) => object]>([
  ['without a digest', (plan) => ({ ...plan, planDigest: undefined })],
  ['with that of no plan', (plan) => ({ ...plan, planDigest: 'f'.repeat(64) })],
  ['with a path for one', (plan) => ({ ...plan, planDigest: '../../plans/x' })],
  ['with another query than the plan’s', (plan) => ({ ...plan, queries: [{ ...plan.queries[0]!, sql: 'select $1' }] })],
  ['as if something else were removed', (plan) => ({ ...plan, removes: [{ table: 'nothing' }] })],
])('an honest select %s does not run', async (_, change) => {
  const plan = await knownTo(at.stage.environment, at.planWith({ sql: 'select id from sessions where id::text = $1' }));
  const input = { target, ...change(plan) } as Parameters<ReturnType<typeof createCheckQueries>>[0];
  await expect(createCheckQueries({ environment: at.stage.find })(input)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining('; nothing was run; '),
  });
});

test('after all of that nothing is changed, taken, made, locked or sprung', async () => {
  expect(await at.seen()).toEqual(before);
});
