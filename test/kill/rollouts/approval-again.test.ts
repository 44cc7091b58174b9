import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import type { Facts } from '../../../contract/run/facts';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { skipTime } from '../../support/servers/skip-time';
import type { Workers } from '../../../worker/start-workers';

jest.setTimeout(240_000);

let stage: RolloutStage;
let production: Workers;
/** One run, whose approval is requested four times. */
let handle: WorkflowHandle;

beforeAll(async () => {
  stage = await openRolloutStage({
    changePlan: quickLoadTest,
    durations: {
      gateExpiry: '90 s',
      gateGivesUp: '1 hour',
      reminderEvery: '3 s',
      maintenance: '20 s',
      lockGivesUp: '20 s',
    },
  });
  await carryChangeInStaging(stage);
  await stage.work(['control', 'staging']);
  production = await stage.work(['production']);
});

afterAll(() => stage.close());

const soaks = ({ steps }: Facts) => steps.filter(({ id }) => id.name === 'soak');
const openings = ({ gates }: Facts) => gates.filter(({ name }) => name === 'production');
const untilOpening = (handle: WorkflowHandle, count: number): Promise<Facts> =>
  stage.until(handle, (facts) => openings(facts).length === count && facts.waiting?.for === 'approval', 150_000);

/** What the plan's rules call critical. */
function complain(): void {
  const line = { event: 'ownership_check_failed', level: 'warning', timestamp: new Date().toISOString() };
  appendFileSync(stage.environments.staging.logFile, `${JSON.stringify(line)}\n`);
}

test('one that nobody answers is requested again on what is there then; staging that was not healthy soaks again', async () => {
  handle = await stage.start();
  const first = openings(await untilOpening(handle, 1))[0];
  const early = stage.codeOf('anna');
  complain();
  await skipTime(stage, handle.workflowId, 95);

  const facts = await untilOpening(handle, 2);
  const second = openings(facts)[1];
  expect(Date.parse(second?.expiresAt ?? '')).toBeGreaterThan(Date.parse(first?.expiresAt ?? ''));
  expect(second?.evidenceDigest).not.toBe(first?.evidenceDigest);
  expect(facts.soak).toMatchObject({ restarts: 1, healthyMs: facts.soak?.neededMs });
  expect(facts.steps.filter(({ id }) => id.name === 'preflight')).toHaveLength(2);
  expect(await stage.decide(handle, 'approve', { code: early ?? '' })).toMatchObject({ accepted: false });
});

test('a policy that changes while approval is waited for: new codes, no new soak, and the old ones are refused', async () => {
  const first = openings(await untilOpening(handle, 2))[1];
  const early = stage.codeOf('anna');
  const before = (await handle.query<Facts>('status')).soak;

  const settings = parse(readFileSync(stage.settings.file, 'utf8')) as { people: Record<string, { roles: string[] }> };
  settings.people['otto']?.roles.push('approver');
  writeFileSync(stage.settings.file, stringify(settings));
  await production.shutdown();
  production = await stage.work(['production']);

  const facts = await untilOpening(handle, 3);
  const second = openings(facts)[2];
  expect(second?.policyDigest).not.toBe(first?.policyDigest);
  expect([...(second?.told ?? [])].sort()).toEqual(['anna', 'ben', 'otto']);
  expect(soaks(facts)).toHaveLength(3); // one look at what came since
  expect(facts.soak).toMatchObject({ healthyMs: before?.healthyMs, restarts: before?.restarts });
  expect(await stage.decide(handle, 'approve', { code: early ?? '' })).toMatchObject({ accepted: false });

  // What happens to staging after the approval, and before production is touched, makes it worthless, too.
  await stage.approve(handle);
  await stage.until(handle, ({ steps }) => steps.some(({ name }) => name === 'production: backup and proof'));
  complain();
  const again = await untilOpening(handle, 4);
  expect(again.soak?.restarts).toBe((before?.restarts ?? 0) + 1);
  expect(again.steps.filter(({ name }) => name === 'production: new release')).toEqual([]);

  await stage.approve(handle);
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'done' });
});
