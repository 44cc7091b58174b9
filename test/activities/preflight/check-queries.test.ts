import { createCheckQueries } from '../../../activities/preflight/check-queries';
import { judgeQuery } from '../../../activities/preflight/judge-query';
import { knownPlan } from '../../../activities/statements/known-plan';
import { queriesOf } from '../../../activities/statements/plan-queries';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { obstacles } from '../../../contract/run/findings';
import type { Plan } from '../../../contract/plan/plan';
import type { EnvironmentActivities } from '../../../contract/activities/environment-activities';
import { knownTo } from '../../support/inputs/known-plan';
import { some } from '../../support/inputs/some';
import { holdLock, untilWaiting } from '../../support/looks/obstacles';
import { loadGrammar } from '../../../sql/statements/grammar';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const { plan } = firstPlan();
let stage: SampleEnvironment;
beforeAll(loadGrammar);
beforeEach(async () => (stage = await openSampleEnvironment()));
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
const check = async ({
  baseline,
  ...change
}: Partial<Plan & Pick<Parameters<EnvironmentActivities['checkQueries']>[0], 'baseline'>> = {}) =>
  createCheckQueries({ environment: stage.find })({
    target: 'agent-api',
    ...(await knownTo(stage.environment, { ...plan, ...change })),
    ...(baseline && { baseline }),
  });
const lines = async () => (await check()).map(({ check: what, status, found }) => `${what}: ${status}: ${found}`);

/** Rows enough that a scan is no choice: most owners have one, 20 have 200, and all rows have an index by their date. */
const growLarge = () =>
  query(`insert into sessions (title, owner_api_key_hash, created_at)
      select 't', md5('owner ' || case when n % 3 = 0 then n % 20 else n end), now() - n * interval '1 minute' from generate_series(1, 12000) n;
    create index idx_sessions_created_at on sessions (created_at desc, id); analyze sessions`);

test('both queries pass for real values, and their plans are told without any', async () => {
  await expect(lines()).resolves.toEqual([
    expect.stringMatching(/^query "sessions of an owner": passed: \d\d values, p95 [\d.]+ ms$/),
    expect.stringMatching(/^index of query "sessions of an owner": passed: /),
    expect.stringMatching(/^query "assistants of an owner": passed: \d\d values, p95 [\d.]+ ms$/),
    expect.stringMatching(/^index of query "assistants of an owner": passed: /),
    'role of the statements of the plan: not covered: none',
  ]);
  const [sessions] = await check();
  expect(sessions?.plans?.map(({ of, text }) => `${of}: ${text}`).join('\n')).toMatch(/values?: Limit \(\d+/);
  expect(JSON.stringify(await check())).not.toMatch(/[0-9a-f]{32}/);
});

test('owners for whom the planner rightly takes another index are told, and the verdict is the same each time', async () => {
  await growLarge();
  const [first, index, ...rest] = await check();
  expect(first).toMatchObject({ status: 'passed' });
  expect(index).toMatchObject({
    status: 'not covered',
    found: expect.stringContaining('idx_sessions_created_at instead'),
  });
  expect(obstacles(rest)).toEqual([]);
  for (const _ of some(Array.from({ length: 12 }), 4)) {
    const [again, whichIndex] = await check({ queries: plan.queries.slice(0, 1) });
    expect([again?.status, again?.plans, whichIndex]).toEqual(['passed', first?.plans, index]);
  }
});

test('a large table that is read whole is in the way, whatever its size on the disk, and the query is not run', async () => {
  await query('drop index idx_sessions_owner_api_key_hash');
  await query(`update pg_class set reltuples = 20000 where relname = 'sessions'`);
  const [sessions, index, assistants] = await check();
  expect(sessions).toMatchObject({
    status: 'failed',
    found: expect.stringMatching(
      /^for \d\d values it reads sessions whole \(\d+ pages, about 20,000 rows\); .*; \d\d values, not run$/,
    ),
    remedy: expect.stringMatching(/create index concurrently/),
    plans: expect.arrayContaining([
      { of: expect.stringMatching(/values$/), text: expect.stringContaining('-> Seq Scan on public.sessions (') },
    ]),
  });
  expect(index).toMatchObject({ status: 'not covered' });
  expect(assistants?.status).toBe('passed');
});

test('in a small table it is told, and no obstacle', async () => {
  await query('drop index idx_sessions_owner_api_key_hash');
  const [sessions, index] = await check();
  expect(sessions?.status).toBe('passed');
  expect(index).toMatchObject({
    status: 'passed',
    found: expect.stringMatching(/^not for \d\d values: the table is read whole, which is cheaper in a small one$/),
  });
});

test('an index that goes with the removed column is in the way', async () => {
  await growLarge();
  await query(`drop index idx_sessions_owner_api_key_hash;
    create index covering on sessions (owner_api_key_hash) include (owner_api_key)`);
  const [sessions, index] = await check();
  expect(sessions).toMatchObject({
    status: 'failed',
    found: expect.stringContaining('it uses covering, which goes with sessions.owner_api_key'),
    remedy: expect.stringContaining('have an index made that does not name sessions.owner_api_key'),
  });
  expect(index?.status).toBe('not covered');
});

test('what takes longer than is allowed is in the way; what took as long before is not', async () => {
  const slow = {
    ...plan.queries[0]!,
    // A million hashes: half a second on any machine.
    sql: `select count(sha512(convert_to(concat(a.id, b.id, c.id, $1::text), 'UTF8'))) from usage_events a cross join usage_events b
      cross join (select id from usage_events order by id limit 6) c`,
  };
  await query(`update sessions set owner_api_key_hash = md5('one') where owner_api_key_hash is not null`);
  await query('analyze sessions');
  const [found] = await check({ queries: [slow] });
  expect(found).toMatchObject({ status: 'failed', found: expect.stringMatching(/^too slow \(up to \d+/) });
  const before = { name: slow.name, p50Ms: 9_000, p95Ms: 9_000, samples: 1 };
  await expect(check({ queries: [slow], baseline: [before] })).resolves.toMatchObject([{ status: 'passed' }, {}, {}]);
});

test('one hiccup of the server decides nothing: what is slow is timed once more', async () => {
  const { judged, timed } = await judgedAfter({ hiccups: 1 });
  expect(judged).toMatchObject({ status: 'passed', found: expect.stringMatching(/^\d\d values, p95/) });
  expect(timed).toBe(2);
});

test('two in a row do', async () => {
  const { judged } = await judgedAfter({ hiccups: 2 });
  expect(judged).toMatchObject({ status: 'failed', found: expect.stringMatching(/^too slow \(up to \d{3}/) });
});

/** The verdict when somebody locks the table for a moment, so many times, just when the query is to be timed. */
async function judgedAfter({ hiccups }: { hiccups: number }) {
  const [planned] = queriesOf(await knownPlan(stage.environment, await knownTo(stage.environment, plan)));
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'test timing' });
  let timed = 0;
  const judged = await postgres.withClient(async (client) => {
    const values = (await planned!.draw(client, 50)).slice(0, 15); // the p95 of so few is the slowest one
    const time = async () => {
      timed += 1;
      if (timed > hiccups) return planned!.time(client, values);
      const writer = await holdLock(stage.database, 'lock table sessions in access exclusive mode');
      const timing = planned!.time(client, values);
      await untilWaiting(stage.database, 'test timing');
      await new Promise((resolve) => setTimeout(resolve, 600)); // 500 ms are allowed
      await writer.lift();
      return timing;
    };
    const plans = await planned!.explain(client, values);
    const [first] = await judgeQuery(client, planned!.query, {
      ...plans,
      values: values.length,
      time,
      beingRemoved: [],
      before: undefined,
    });
    return first;
  });
  await postgres.close();
  return { judged, timed };
}

test('a column without a single value leaves it unknown', async () => {
  await query('update sessions set owner_api_key_hash = null');
  const [sessions, assistants] = await check();
  expect(sessions).toMatchObject({
    status: 'unknown',
    found: 'sessions.owner_api_key_hash holds no value',
    remedy: 'there is no value to ask for: deploy the release that writes sessions.owner_api_key_hash',
  });
  expect(assistants?.check).toBe('query "assistants of an owner"');
});
