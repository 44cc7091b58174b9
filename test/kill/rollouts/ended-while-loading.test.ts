import { openRolloutStage, type RolloutStage } from '../../support/stages/rollout-stage';

jest.setTimeout(240_000);

let stage: RolloutStage;

beforeAll(async () => {
  stage = await openRolloutStage();
  await stage.work(['control']); // nobody can look at production
});

afterAll(() => stage.close());

test('an abort ends a rollback that waits for the worker which finds out what there is', async () => {
  const back = await stage.client.workflow.start('rollback', {
    ...{ taskQueue: 'rubicon', workflowId: 'agent-api/rollback' },
    args: [{ target: 'agent-api', plan: 'drop-plaintext-api-keys', requestedBy: 'otto', reason: 'clients report 401' }],
  });
  const { waiting } = await stage.until(back, (facts) => facts.waiting?.for === 'worker');
  expect(waiting?.who).toContain('--roles production');
  expect(await stage.decide(back, 'abort', { reason: 'the wrong target' })).toMatchObject({ accepted: true });

  expect(await stage.resultOf(back)).toMatchObject({ outcome: 'aborted', because: 'the wrong target' });
});
