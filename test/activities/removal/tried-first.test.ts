import { createDrop } from '../../../activities/removal/drop';
import { createHide } from '../../../activities/removal/hide';
import { createUnhide } from '../../../activities/removal/unhide';
import { lastPosition, noteTrialSample } from '../../../activities/state/trial';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { Sample } from '../../../contract/run/samples';
import { prepareDropUnrestored, takeOutOfUse, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import {
  copySampleEnvironment,
  electorate,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { tried } from '../../support/stages/tried';

// Whoever may write to Temporal can leave out the trial: the drop asks the database for it.

let first: SampleEnvironment;
let ready: ReadyToDrop;
let stage: SampleEnvironment;
beforeAll(async () => {
  first = await openSampleEnvironment();
  ready = await takeOutOfUse(
    first,
    await prepareDropUnrestored(first, { trial: '10 minutes', monitorEvery: '1 minute' }),
  );
});
afterAll(() => first.close());
beforeEach(async () => {
  stage = await copySampleEnvironment(first);
});
afterEach(() => stage.close());

const deps = () => ({ environment: stage.find, electorate });
const drop = () => createDrop(deps())(ready);
const set = (what: string) => stage.database.query(`update rubicon.trial set ${what}`);
const refused = (found: string) => ({
  type: 'WrongState',
  message: expect.stringMatching(
    `^expected the columns tried without for 10 min, found ${found}; nothing was changed; answer "abort" and start again: the trial is repeated$`,
  ),
});
const green: Sample = {
  ...{ at: new Date().toISOString(), requests: 100, readings: [], blind: [], broken: [] },
  next: { log: { offset: 1_234 }, canaries: 1 },
};
const note = (sample: Sample, run = ready.run) => {
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'test' });
  return postgres
    .withClient((client) => noteTrialSample(client, run, { sample, every: '1 minute' }))
    .finally(() => postgres.close());
};
const seenMs = async () =>
  (await stage.database.query(`select extract(epoch from seen)::int * 1000 as ms from rubicon.trial`))[0]?.['ms'];

test('hidden too short, not watched, or watched with something that was not healthy: nothing is dropped', async () => {
  await set(`hidden_at = clock_timestamp() - interval '9 minutes'`);
  await expect(drop()).rejects.toMatchObject(refused('9 min( \\d+ s)? so far'));
  await tried(stage.environment, ready);
  await set(`seen = '8 minutes'`);
  await expect(drop()).rejects.toMatchObject(refused('8 min of it watched'));
  await tried(stage.environment, ready);
  await note({ ...green, broken: ['GET /health: expected 200, found 500'] });
  await expect(drop()).rejects.toMatchObject(refused('1 sample not healthy'));
  await set('unhealthy = 0');
  await expect(drop()).resolves.toMatchObject({ attempts: 1 });
});

test('what was put back begins anew when it is hidden again; what stays hidden goes on', async () => {
  await createHide(deps())(ready);
  expect(await seenMs()).toBe(86_400_000);
  await createUnhide(deps())(ready);
  await expect(drop()).rejects.toMatchObject({ type: 'WrongState' });
  await note(green);
  expect(await seenMs()).toBe(86_400_000); // a sample of what is not hidden is none of the trial
  const again = await takeOutOfUseAgain();
  await expect(createDrop(deps())(again)).rejects.toMatchObject(refused('[\\d.]+ m?s so far'));
});

test('many samples at once stand for the time that has passed; one after a long time, for one', async () => {
  await set(`hidden_at = clock_timestamp(), seen_at = null, seen = '0'`);
  for (const _ of Array(50).keys()) await note(green);
  expect(await seenMs()).toBeLessThan(30_000);
  await set(`seen = '0', seen_at = clock_timestamp() - interval '1 hour'`);
  await note(green);
  expect(await seenMs()).toBe(60_000);
});

test('a sample goes on where the last one of this run has ended; another run has no part in it', async () => {
  await note(green);
  await note({ ...green, next: { log: { offset: 9 }, canaries: 1 } }, newRun());
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'test' });
  const [own, another] = await postgres.withClient(async (client) => [
    await lastPosition(client, ready.run),
    await lastPosition(client, newRun()),
  ]);
  await postgres.close();
  expect([own, another]).toEqual([green.next, undefined]);
});

async function takeOutOfUseAgain(): Promise<ReadyToDrop> {
  const out = await takeOutOfUse(stage, ready, ready.decision && { decision: ready.decision });
  await set(`hidden_at = clock_timestamp(), seen = '0'`);
  return out;
}
