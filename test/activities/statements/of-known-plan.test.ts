import { rmSync } from 'node:fs';
import path from 'node:path';
import { createEnvironmentActivities } from '../../../activities/environment-activities';
import { ofKnownPlans, takenOfPlan, type OfKnownPlans } from '../../../activities/statements/of-known-plan';
import { digestOf } from '../../../contract/text/digest';
import type { Plan } from '../../../contract/plan/plan';
import { planSchema } from '../../../contract/plan/plan';
import { knownTo } from '../../support/inputs/known-plan';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { startRecordingProxy } from '../../support/proxies/recording-proxy';

// What a worker serves, as somebody calls it who may write into Temporal and into nothing else.
let at: SampleEnvironment;
let proxy: Awaited<ReturnType<typeof startRecordingProxy>>;
type Serve = Record<string, (input: object) => Promise<unknown>>;
let serve: Serve;
beforeAll(async () => {
  at = await openSampleEnvironment();
  const { hostname: host, port } = new URL(at.database.url);
  proxy = await startRecordingProxy({ host, port: Number(port) });
  at.environment.postgresUrl = Object.assign(new URL(at.database.url), { port: String(proxy.port) }).href;
  const temporal = { start: nobody, signal: nobody } as never;
  const { environment: _, ...rest } = { environment: at.find, temporal, electorate };
  serve = createEnvironmentActivities({ environment: at.find, ...rest }) as unknown as Serve;
});
afterAll(async () => {
  proxy.stop();
  await at.close();
});
const nobody = (): never => {
  throw new Error('expected no one to be asked');
};

const { plan } = firstPlan();

/** Tests whether somebody's key is a certain one: "present" or "dropped" would tell. */
const guess = 'planted-guess';
const guessing: Plan = {
  ...plan,
  name: 'guess',
  removes: [{ table: 'sessions', where: { owner_api_key: guess } }],
  proof: undefined,
  queries: [{ ...plan.queries[0]!, sql: `select id from sessions where owner_api_key = '${guess}' and id::text = $1` }],
  probes: plan.probes.map((probe) => ({ ...probe, sample: `select '${guess}'` })),
  cache: { ...plan.cache!, flush: [`${guess}*`], residual: [`${guess}*`] },
  watch: [{ ...plan.watch[0]!, name: guess }],
};

const run = newRun();
/** More than any activity needs, so that each finds all that it looks for. */
const inputOf = (given: Plan, planDigest: string | undefined): object => ({
  ...given,
  ...{
    target: 'agent-api',
    run,
    rollout: run,
    plan: given,
    planDigest,
    serves: 'from',
    dropped: false,
    newReleaseServes: false,
  },
  ...{ longTransaction: '1 minute', every: '1 minute', forMs: 1, freeze: 'x', copy: 'x', backup: 'x' },
});

const names = (isSo: (taken: readonly string[]) => boolean): string[] =>
  Object.entries(takenOfPlan).flatMap(([name, taken]) => (isSo(taken) ? [name] : []));
const takers = names((taken) => taken.length > 0);
/** None of its input is text of a plan. */
const digestAlone = (planDigest: string): object => ({ target: 'agent-api', run, planDigest });

test('every activity of an environment says what it takes of a plan', () => {
  expect(Object.keys(serve).sort()).toEqual(Object.keys(takenOfPlan).sort());
  expect(names(({ length }) => length === 0).sort()).toEqual(
    ['takesTasks', 'noteHold', 'proveBackup', 'destroyBackups'].sort(),
  );
});

const refused = { type: 'InvalidInput', message: expect.stringContaining('; nothing was run; ') };

describe.each(takers)('%s, called directly', (name) => {
  const call = (input: object): Promise<unknown> => {
    const { [name]: activity } = serve;
    return activity === undefined ? nobody() : activity(input);
  };

  test('refuses a plan that this worker does not know, whatever its digest, and changes nothing', async () => {
    const before = await changes();
    for (const planDigest of [digestOf(guessing), undefined, 'f'.repeat(64), '../../plans/guess'])
      await expect(call(inputOf(guessing, planDigest))).rejects.toMatchObject(refused);
    expect(await changes()).toEqual(before);
  });

  test('refuses the digest of a known plan with something else than that plan', async () => {
    const { planDigest } = await knownTo(at.environment, plan);
    await expect(call(inputOf(guessing, planDigest))).rejects.toMatchObject(refused);
  });
});

test('each single field of a plan that comes along has to be that plan’s', async () => {
  const { planDigest } = await knownTo(at.environment, plan);
  const { plan: _, ...whole } = inputOf(plan, planDigest) as { plan: Plan };
  for (const name of takers)
    for (const field of Object.keys(planSchema.shape)) {
      const changed = { ...whole, [field]: [{ of: guess }] };
      await expect(serve[name]?.(changed)).rejects.toMatchObject({
        type: 'InvalidInput',
        message: expect.stringContaining(`expected "${field}" of plan ${plan.name}`),
      });
    }
});

test('the whole of another known plan does not come along with the digest of one', async () => {
  const { planDigest } = await knownTo(at.environment, plan);
  await knownTo(at.environment, { ...plan, name: 'another' });
  for (const name of takers)
    await expect(
      serve[name]?.({ ...digestAlone(planDigest), plan: { ...plan, name: 'another' } }),
    ).rejects.toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('expected the digest of a plan alone'),
    });
});

test('an activity is handed what it takes of the plan of that digest, and nothing else of it', async () => {
  const { planDigest } = await knownTo(at.environment, plan);
  const handed: Record<string, object> = {};
  const noting = Object.keys(takenOfPlan).map((name) => [
    name,
    (input: object) => Promise.resolve(void (handed[name] = input)),
  ]);
  const noted = ofKnownPlans(Object.fromEntries(noting) as OfKnownPlans, at.find) as unknown as Serve;
  const all = { ...plan, plan, planDigest };
  for (const [name, taken] of Object.entries(takenOfPlan)) {
    await noted[name]?.(digestAlone(planDigest));
    const part = taken.map((field) => [field, all[field]]).filter(([, value]) => value !== undefined);
    expect({ name, ...handed[name] }).toEqual({ name, ...digestAlone(planDigest), ...Object.fromEntries(part) });
  }
});

test('nothing of a guess has reached the server, not even to be parsed', () => {
  expect(proxy.requests()).toContain('rubicon.dropped'); // where known plans are looked for
  expect(proxy.requests()).not.toContain(guess);
});

test('what belongs to a known plan is taken', async () => {
  const { planDigest } = await knownTo(at.environment, plan);
  const { removes, revision, release } = plan;
  const present = { data: 'present', row: 'none' };
  await expect(serve.observeState?.(digestAlone(planDigest))).resolves.toMatchObject(present);
  const more = { ...digestAlone(planDigest), removes, revision, release };
  await expect(serve.observeState?.(more)).resolves.toMatchObject(present);
  rmSync(path.join(at.environment.backupFolder, 'plans'), { recursive: true });
  await expect(serve.observeState?.(digestAlone(planDigest))).rejects.toMatchObject(refused);
});

const changes = async (): Promise<object> => ({
  rollouts: await at.database.query('select * from rubicon.rollout'),
  columns: await at.database.query(
    `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`,
  ),
});
