import type { RolloutResult } from '../../contract/outcome';
import { textOf } from '../support/histories';
import { openRolloutStage, type RolloutStage } from '../support/rollout-stage';

let stage: RolloutStage;

beforeAll(async () => {
  stage = await openRolloutStage();
  await stage.work();
});
afterAll(() => stage.close());

const keyColumns = `select count(*)::int as count from information_schema.columns where column_name = 'owner_api_key'`;

async function productionColumns(): Promise<unknown> {
  const [row] = await stage.databases.production.query<{ count: number }>(keyColumns);
  return row?.count;
}

test('what the start form can send wrongly is told, all at once, and touches nothing', async () => {
  const handle = await stage.client.workflow.start('rollout', {
    taskQueue: 'rubicon',
    workflowId: 'wrong',
    args: [{ plan: 'no-such-plan', requestedBy: 'nobody' }],
  });
  const failure = await handle.result().catch((error: { cause?: Error }) => error.cause?.message);
  expect(failure).toContain('no-such-plan');
  expect(failure).toContain('nobody');
});

test('a rejection leaves production as it was; the next rollout goes to done, and no key is in any history', async () => {
  const rejected = await stage.start({}, 'agent-api/rejected');
  await stage.until(rejected, (facts) => facts.waiting?.for === 'approval');
  expect(await stage.decide(rejected, 'approve', { code: 'AAAA-BBBB-CCCC-DDDD' })).toMatchObject({ accepted: false });
  await stage.decide(rejected, 'reject', { reason: 'not this week' });
  expect(await rejected.result()).toMatchObject({ outcome: 'rejected' });
  expect(await productionColumns()).toBe(2);

  const handle = await stage.start({}, 'agent-api/done');
  await handle.signal('no-such-signal', [1, 2]);
  await stage.approve(handle);
  const result = (await handle.result()) as RolloutResult;
  expect(result).toMatchObject({ outcome: 'done' });
  expect(await productionColumns()).toBe(0);
  const rows = await stage.databases.production.query('select workflow_id, state from rubicon.rollout order by 1');
  expect(rows).toEqual([
    { workflow_id: 'agent-api/done', state: 'dropped' },
    { workflow_id: 'agent-api/rejected', state: 'aborted' },
  ]);
  for (const each of [rejected, handle]) {
    const text = textOf({ history: await each.fetchHistory() });
    expect(text).toContain('drop-plaintext-api-keys'); // it does read the payloads
    for (const { data } of Object.values(stage.environments)) expect(text).not.toContain(data.probeKey);
    expect(text).not.toContain(stage.settings.env['RUBICON_APPROVAL_KEY']);
  }
}, 120_000);
