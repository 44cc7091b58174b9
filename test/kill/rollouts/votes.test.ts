import { readFileSync, writeFileSync } from 'node:fs';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import type { Facts } from '../../../contract/run/facts';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { keepHistory } from '../../support/workflows/histories';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { until } from '../../support/looks/until';
import { platformState } from '../../support/stages/observed';
import type { Workers } from '../../../worker/start-workers';

jest.setTimeout(240_000);

const workflowId = 'agent-api/drop-plaintext-api-keys/votes';

let stage: RolloutStage;
let control: Workers;
/** Of a gate that is closed by now. */
let earlier: string;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { gateExpiry: '8 s', gateGivesUp: '8 s' } });
  otherwise(({ people }) => people['otto']?.roles.push('approver')); // a third one, so that one of them may ask for it
  await carryChangeInStaging(stage);
  await stage.work(['staging', 'production']);
  control = await stage.work(['control']);
});

afterAll(() => stage.close());

test('who asked for it, by input or by the start event, has no vote: of three approvers one is not enough', async () => {
  const handle = await startAs('otto@laptop', { requestedBy: 'anna' });

  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'stopped',
    because: expect.stringContaining('quorum'),
  });
});

test('an approver whom the start event names gets no code, and nobody else’s opens anything for them', async () => {
  const handle = await startAs('anna@laptop', { requestedBy: 'maria' });
  const { gates, requesters } = await untilAsked(handle);
  expect([...requesters].sort()).toEqual(['anna', 'maria']);
  expect([...(gates[0]?.told ?? [])].sort()).toEqual(['ben', 'otto']);
  expect([stage.codeOf('anna'), stage.codeOf('maria')]).toEqual([undefined, undefined]);

  const wrong = await stage.decide(handle, 'reject', { reason: 'no', code: 'AAAA-BBBB-CCCC-DDDD' });
  expect(wrong).toMatchObject({ accepted: false, because: expect.stringContaining('to reject without a code') });
  expect((await handle.query<Facts>('status')).waiting?.for).toBe('approval');

  earlier = codeOf('otto');
  const reason = 'the window is taken';
  expect(await stage.decide(handle, 'reject', { reason, code: codeOf('ben') })).toMatchObject({ accepted: true });
  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'rejected',
    because: expect.stringContaining('rejected by ben'),
  });
  expect((await handle.query<Facts>('status')).decisions).toMatchObject([{ by: 'ben', decision: 'reject', reason }]);
});

test('a code of an earlier opening counts for nothing; one that comes after the deadline neither', async () => {
  const handle = await startAs('somebody', { requestedBy: 'maria' });
  const { gates } = await untilAsked(handle);
  expect(await stage.decide(handle, 'approve', { code: earlier })).toMatchObject({
    ...{ accepted: false, because: expect.stringContaining('no code of this opening') },
  });
  expect(await stage.decide(handle, 'approve', { code: codeOf('ben') })).toMatchObject({ accepted: true });

  // Nobody reads the mail when the gate closes: what arrives then is late all the same.
  await control.shutdown();
  const expiresAt = Date.parse(gates[0]?.expiresAt ?? '');
  await until(() => Date.now() > expiresAt, 20_000);
  await handle.signal('approve', { code: codeOf('anna') });
  control = await stage.work(['control']);

  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'expired',
    because: expect.stringContaining('still missing: 1 approval from role'),
  });
  const { messages, votes } = await handle.query<Facts>('status');
  expect(votes.map(({ person }) => person)).toEqual(['ben']);
  expect(messages.at(-1)).toMatchObject({
    kind: 'approve',
    accepted: false,
    because: expect.stringContaining('before'),
  });
  keepHistory('expired', { history: await handle.fetchHistory() });
});

test('approvals that would end in the middle of the change begin none', async () => {
  const handle = await startAs('somebody', { requestedBy: 'maria' });
  await stage.approve(handle);

  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'expired',
    because: expect.stringMatching(/^the approval expires at .*, but the change that begins at .* can take /),
  });
  expect(await platformState(stage, 'production')).toMatchObject({ release: 'phase2', maintenance: false });
});

const untilAsked = (handle: WorkflowHandle): Promise<Facts> =>
  stage.until(handle, ({ waiting }) => waiting?.for === 'approval');

/** As somebody whose client calls itself like this. */
function startAs(identity: string, order: { requestedBy: string }): Promise<WorkflowHandle> {
  const { connection } = stage.client;
  const client = new Client({ connection, namespace: stage.namespace, identity });
  return client.workflow.start('rollout', {
    ...{ taskQueue: 'rubicon', workflowId },
    args: [{ plan: 'drop-plaintext-api-keys', ...order }],
  });
}

function codeOf(person: 'anna' | 'ben' | 'otto'): string {
  const code = stage.codeOf(person);
  if (code === undefined) throw new Error(`expected a code for ${person}, found none`);
  return code;
}

/** Other settings than the stage has written. */
function otherwise(change: (settings: { people: Record<string, { roles: string[] }> }) => void): void {
  const { file } = stage.settings;
  const settings = parse(readFileSync(file, 'utf8')) as Parameters<typeof change>[0];
  change(settings);
  writeFileSync(file, stringify(settings));
}
