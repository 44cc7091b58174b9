import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { createLoadPlan } from '../../../activities/run/load-plan';
import { digestOf } from '../../../contract/text/digest';
import { rolloutExample, type RolloutOrder } from '../../../contract/run/inputs';
import { sampleControl } from '../../support/inputs/control-settings';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';

let at: TestTemporal;
let folder: string;

beforeAll(async () => {
  at = await openTestTemporal();
  folder = mkdtempSync(join(tmpdir(), 'rubicon-plans-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await at.close();
});

/** Loads as the activity of a run that was started by this identity. */
async function load(order: Partial<RolloutOrder> = {}, { identity = '4711@host', settings = sampleControl } = {}) {
  const client = new Client({ connection: at.client.connection, namespace: at.namespace, identity });
  const { workflowId, runId } = await startOpenWorkflow(client);
  return createLoadPlan({ ...settings, temporal: at.temporal })({
    order: { ...rolloutExample, ...order },
    workflowId,
    runId,
  });
}

function writePlan(name: string, text: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'plan.yaml'), text);
}

test('an order in the shortest form gets everything that a rollout stands on', async () => {
  const loaded = await load();
  expect(loaded).toMatchObject({
    target: 'agent-api',
    requesters: ['maria'],
    needs: { approver: 2 },
    onCall: 'on-call',
    soakMs: 86_400_000,
    durationsOverridden: [],
    covered: { staging: { redis: true }, production: { deploy: true } },
    temporalUi: 'http://127.0.0.1:8233/namespaces/default',
  });
  expect(loaded.plan.name).toBe('drop-plaintext-api-keys');
  expect(loaded.planDigest).toBe(digestOf(loaded.plan));
  expect(loaded.findings).toMatchObject([{ check: 'quorum', status: 'passed' }]);
});

test('a plan that is no file, or a very large one, is refused without filling the memory', async () => {
  const settings = { ...sampleControl, plans: [folder] };
  for (const name of ['pipe', 'endless']) mkdirSync(join(folder, name), { recursive: true });
  execFileSync('mkfifo', [join(folder, 'pipe', 'plan.yaml')]);
  symlinkSync('/dev/zero', join(folder, 'endless', 'plan.yaml'));
  for (const plan of ['pipe', 'endless'])
    await expect(load({ plan }, { settings })).rejects.toThrow(/expected a file at .*plan\.yaml, found something else/);
  writePlan('large', 'a'.repeat(9_000_000));
  await expect(load({ plan: 'large' }, { settings })).rejects.toThrow(/expected at most 262144 bytes, found 4194304/);
});

test('everything unknown is told at once, with a correct example', async () => {
  const several = {
    ...sampleControl,
    targets: [{ ...sampleControl.targets[0]!, name: 'a' }, ...sampleControl.targets],
  };
  const order = { plan: 'drop-plaintext-api-key', target: 'agent', requestedBy: 'mara' };
  await expect(load(order, { settings: several })).rejects.toMatchObject({
    type: 'InvalidInput',
    nonRetryable: true,
    message: [
      `The rollout can't be started with this input:`,
      '  - plan: expected the name of a plan, found "drop-plaintext-api-key"; did you mean "drop-plaintext-api-keys"?',
      '  - target: expected a target, found "agent"; known: a, agent-api',
      '  - requestedBy: expected a person, found "mara"; did you mean "maria"?',
      'Example:',
      JSON.stringify(rolloutExample, null, 2),
    ].join('\n'),
  });
  await expect(load({}, { settings: several })).rejects.toThrow('target: missing; expected one of a, agent-api');
});

test('the faults of a plan’s file are told with their places', async () => {
  writePlan('broken', 'does: 5\nremoves: []\n');
  const settings = { ...sampleControl, plans: [...sampleControl.plans, folder] };
  await expect(load({ plan: 'broken' }, { settings })).rejects.toThrow(
    /plan\.yaml:1:7: does: expected text, found 5\n/,
  );
});

test('a proof that no statement can be made of is refused at once', async () => {
  const plan = `
does: x
release: { from: a, to: b }
removes: [{ column: t.a, replacedBy: b }]
proof: replacement = pg_sleep(removed)
log:
  requests: { event: e, status: s, durationMs: d }
  canary: { probe: p, event: f }
probes: [{ name: p, path: /, key: wrong, expect: { status: 401 } }]
watch: [{ name: w, measure: p95, maxMs: 1, severity: high }]
`;
  writePlan('sleeps', plan);
  const settings = { ...sampleControl, plans: [folder] };
  await expect(load({ plan: 'sleeps' }, { settings })).rejects.toThrow('proof: expected a function of the list');
});

test.each(['../plans/drop-plaintext-api-keys', '/etc', '.', '', 'a\0b'])('%j reaches no file', async (plan) => {
  await expect(load({ plan })).rejects.toThrow('plan: expected the name of a plan, found');
});

test('a plan that stands in two folders is refused, since nobody could tell which one is meant', async () => {
  writePlan('drop-plaintext-api-keys', 'does: x');
  const settings = { ...sampleControl, plans: [...sampleControl.plans, folder] };
  await expect(load({}, { settings })).rejects.toThrow('expected one plan of this name, found /');
  rmSync(join(folder, 'drop-plaintext-api-keys'), { recursive: true });
});

describe('whoever asks for it can’t vote', () => {
  test.each([
    ['anna', ['maria', 'anna']],
    ['anna@laptop', ['maria', 'anna']],
    ['ANNA@example.com', ['maria', 'anna']],
    ['temporal-cli:anna@laptop', ['maria', 'anna']],
    ['maria@laptop', ['maria']],
    ['4711@anna-laptop', ['maria']],
    ['joanna@laptop', ['maria']],
    ['', ['maria']],
  ])('started by %j', async (identity, requesters) => {
    expect((await load({}, { identity })).requesters).toEqual(requesters);
  });

  test('and with both of two approvers among them a quorum is impossible', async () => {
    const { findings } = await load({ requestedBy: 'anna' }, { identity: 'ben' });
    expect(findings).toMatchObject([
      {
        status: 'failed',
        found: '1 more of approver needed, without anna, ben',
        remedy: expect.stringContaining('let someone else order it'),
      },
    ]);
  });

  test('but a look at the environments needs no approver', async () => {
    expect((await load({ requestedBy: 'anna', until: 'preflight' }, { identity: 'ben' })).findings).toEqual([]);
  });
});

test('no plan can weaken the policy, and no policy the plan', async () => {
  const strict = { ...sampleControl.policy, approvals: { approver: 1, 'on-call': 1 }, minimumSoakMs: 2 * 86_400_000 };
  const loaded = await load({}, { settings: { ...sampleControl, policy: strict } });
  expect(loaded.needs).toEqual({ approver: 2, 'on-call': 1 });
  expect(loaded.soakMs).toBe(2 * 86_400_000);
  const lax = { ...sampleControl.policy, minimumSoakMs: 0 };
  expect((await load({}, { settings: { ...sampleControl, policy: lax } })).soakMs).toBe(86_400_000);
});

test('a run that Temporal doesn’t know is an error, not an order without requester', async () => {
  const load = createLoadPlan({ ...sampleControl, temporal: at.temporal });
  const unknown = { order: rolloutExample, workflowId: randomUUID(), runId: randomUUID() };
  await expect(load(unknown)).rejects.toThrow();
});
