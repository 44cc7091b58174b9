import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Facts } from '../../../contract/run/facts';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { skipTime } from '../../support/servers/skip-time';
import { observedStateOf } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { gateExpiry: '8 days' } });
  const { file } = stage.settings;
  const settings = parse(readFileSync(file, 'utf8')) as { policy: object };
  const day = new Date(Date.now() + 2 * 86_400_000).toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' });
  const window = { days: [day.toLowerCase()], from: '00:00', to: '24:00', timeZone: 'UTC' };
  writeFileSync(
    file,
    stringify({ ...settings, policy: { ...settings.policy, windows: [window], override: 'on-call' } }),
  );
  await carryChangeInStaging(stage);
  await stage.work();
});

afterAll(() => stage.close());

test('production waits for its window, and where the clock of the database knows of none nothing is dropped', async () => {
  const before = await observedStateOf(stage, 'production');
  const handle = await stage.start();
  await stage.approve(handle);
  const isWaiting = ({ waiting }: Facts): boolean => waiting?.sentence === 'the change window of production';
  const { waiting, steps } = await stage.until(handle, isWaiting);
  expect(Date.parse(waiting?.until ?? '')).toBeGreaterThan(Date.now() + 86_400_000);
  expect(steps.map(({ name }) => name)).toContain('production: backup and proof');
  expect(await observedStateOf(stage, 'production')).toEqual(before);

  // Temporal's clock runs ahead; those of the worker and of the database do not.
  await skipTime(stage, handle.workflowId, 2 * 86_400);
  const isAsked = ({ question: asked }: Facts): boolean => asked?.step === 'production: drop';
  let { question } = await stage.until(handle, isAsked);
  // That of the trial was skipped, too, and a database knows of none that is.
  if (question?.because.join().includes('tried without') === true) {
    const first = question.askedAt;
    await stage.decide(handle, 'answer', { choice: 'retry' });
    ({ question } = await stage.until(handle, (facts) => isAsked(facts) && facts.question?.askedAt !== first));
  }
  expect(question?.because.join()).toMatch(/expected an open change window .*, found that the next one opens at/);
  await stage.decide(handle, 'abort', { reason: 'not today' });

  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'aborted' });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
});

test('an order that says why windows do not hold needs one more approval, and drops at once', async () => {
  const override = 'the keys have leaked';
  const handle = await stage.start({ override });
  const { gates } = await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  expect(gates.at(-1)).toMatchObject({ needs: { approver: 2, 'on-call': 1 }, override });
  await stage.approve(handle);
  const result = await stage.resultOf(handle);
  expect(result).toMatchObject({ outcome: 'done' });
  const { decisions } = await handle.query<Facts>('status');
  expect(decisions.map(({ by }) => by)).toEqual(expect.arrayContaining(['anna', 'ben', 'otto']));
  expect(readFileSync(result.report ?? '', 'utf8')).toContain(`overridden, by one more approval: ${override}`);
});
