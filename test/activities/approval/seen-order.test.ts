import { randomUUID } from 'node:crypto';
import { createOpenGate, type GateDeps } from '../../../activities/approval/open-gate';
import { keepPlan } from '../../../activities/statements/known-plan';
import type { Gate, Run } from '../../../contract/run/decisions';
import type { GateEvidence } from '../../../contract/run/gate-evidence';
import { digestOf } from '../../../contract/text/digest';
import { keysEvidence } from '../../support/looks/evidence';
import { readableSlack } from '../../support/looks/readable-slack';
import { orderedBy } from '../../support/stages/decided';
import { electorate, firstPlan, newRun, openSampleEnvironment } from '../../support/stages/sample-environment';
import type { SampleEnvironment } from '../../support/stages/sample-environment';

// Whoever may start activities opens gates with texts, links and names of their own: approvers read, and sign, what the
// production worker knows by itself.

const { plan, planDigest } = firstPlan();

let stage: SampleEnvironment;
let run: Run;
let sent: Map<string, string>;
beforeAll(async () => {
  stage = await openSampleEnvironment();
  await keepPlan(stage.environment, plan);
});
afterAll(() => stage.close());
beforeEach(() => {
  run = newRun();
  sent = new Map();
});

const never = () => Promise.reject(new Error('expected nothing but codes'));
const notUsed = { reply: never, update: never };

async function open(
  { evidence = keysEvidence, ...change }: Partial<Gate> & { evidence?: GateEvidence } = {},
  deps: Partial<GateDeps> = {},
) {
  const messenger: GateDeps['messenger'] = {
    send: async ({ name }, _key, message) => {
      sent.set(name, readableSlack(message));
      return undefined;
    },
    ...notUsed,
  };
  const gate = {
    ...{ ...run, name: 'production', purpose: 'approve' as const, challenge: randomUUID(), planDigest },
    ...{ requesters: [], expiresAt: new Date(Date.now() + 60_000).toISOString(), needs: { approver: 2 } },
    ...change,
  };
  return createOpenGate({ ...electorate, environment: stage.find, messenger, temporal: orderedBy(), ...deps })({
    gate,
    evidence,
  });
}

const noted = () =>
  stage.database.query('select gate, not_before from rubicon.gate where first_run = $1', [run.firstRun]);

test('what is removed, and the link, are those of the plan and of the settings, whatever was sent', async () => {
  const invented: GateEvidence = {
    ...keysEvidence,
    change: { kind: 'index', savedBy: 'nothing', removes: [{ name: 'nothing at all' }] },
    link: 'https://elsewhere.example/login',
  };
  const opened = await open({ evidence: invented }, { temporalUi: 'https://temporal.example/namespaces/default' });
  const message = sent.get('anna') ?? '';
  expect(message).toContain('sessions.owner_api_key');
  expect(message).toContain(plan.does.slice(0, 40));
  expect(message).toContain(`https://temporal.example/namespaces/default/workflows/`);
  expect(message).not.toMatch(/nothing at all|elsewhere/);
  expect(opened.shown).toMatchObject({ change: { kind: 'column', savedBy: 'replacement' } });
  expect(opened.evidenceDigest).toBe(digestOf(opened.shown));
});

test('a plan that this worker does not know is put to nobody', async () => {
  await expect(open({ planDigest: digestOf('another plan') })).rejects.toMatchObject({ type: 'InvalidInput' });
  expect(sent.size).toBe(0);
  await expect(noted()).resolves.toEqual([]);
});

const people = [...electorate.people, { name: 'carla', roles: ['approver'], slackId: 'U05' }];

test('whoever has ordered it, by input or by the start event, gets no code, although nobody says so', async () => {
  const temporal = orderedBy({ requestedBy: 'maria' }, { identity: 'cli:anna@laptop' });
  const opened = await open({}, { temporal, people });
  expect(opened.requesters).toEqual(['anna', 'maria']);
  expect([...sent.keys()]).toEqual(['ben', 'carla']);
  await expect(noted()).resolves.toMatchObject([{ gate: { requesters: ['anna', 'maria'] } }]);
});

test('who wrote the plan, by the order or by the plan, gets no code of a rollout, and is named', async () => {
  const temporal = orderedBy({ requestedBy: 'maria', author: 'anna' });
  const opened = await open({}, { temporal, people });
  expect([opened.requesters, [...sent.keys()]]).toEqual([
    ['anna', 'maria'],
    ['ben', 'carla'],
  ]);
  expect(sent.get('ben')).toMatch(/\*Requested by\* maria .*\*Plan by\* anna/);
  sent.clear();
  const rollback = orderedBy({ requestedBy: 'maria', author: 'anna' }, { type: 'rollback' });
  await open({ ...newRun(), name: 'rollback', needs: { approver: 1 } }, { temporal: rollback });
  expect([...sent.keys()]).toEqual(['anna', 'ben']); // it takes the plan back
});

test('a name that the server has not checked is said to be claimed, and no workflow says otherwise', async () => {
  await open({});
  expect(sent.get('anna')).toContain('(claimed: Temporal has not checked who it was)');
  sent.clear();
  await open({ ...newRun() }, { temporal: orderedBy({}, { principal: 'maria@example.com' }) });
  expect(sent.get('anna')).not.toContain('claimed:');
});

test.each([
  ['of another type', { type: 'stealer' }],
  ['that another worker serves', { taskQueue: 'mine' }],
])('a workflow %s opens no gate', async (_, event) => {
  await expect(open({}, { temporal: orderedBy({}, event) })).rejects.toMatchObject({
    type: 'NotDecided',
    message: expect.stringMatching(
      /to be a rollout or a rollback on "rubicon", found ".*"; no code was sent$/,
    ) as string,
  });
  expect(sent.size).toBe(0);
  await expect(noted()).resolves.toEqual([]);
});

test.each([
  ['nothing', undefined],
  ['no object', 7],
  ['what is no instant', { plan: 'x', requestedBy: 'maria', notBefore: 'soon' }],
  ['names of a prototype', JSON.parse('{"__proto__":{"requestedBy":"anna"},"constructor":1}') as unknown],
])('an order that says %s is read without an error', async (_, order) => {
  const temporal = {
    ...orderedBy(),
    startEvent: () => orderedBy().startEvent({ workflowId: '', runId: '' }).then(withInput(order)),
  };
  await open({ requesters: ['maria'] }, { temporal });
  await expect(noted()).resolves.toMatchObject([{ gate: { requesters: ['maria'] }, not_before: null }]);
});

const withInput =
  (order: unknown) =>
  <T>(event: T): T => ({ ...event, input: [order] });

test('the earliest instant of the order is noted beside the gate', async () => {
  await open({}, { temporal: orderedBy({ notBefore: '2031-01-01T01:00:00+01:00' }) });
  await expect(noted()).resolves.toMatchObject([{ not_before: new Date('2031-01-01T00:00:00Z') }]);
});

test('a challenge is of one opening: another gate under it is refused, and what was noted stays', async () => {
  const challenge = randomUUID();
  await open({ challenge, name: 'rollback' });
  sent.clear();
  await expect(open({ challenge, name: 'rollback', needs: { approver: 1 } })).rejects.toMatchObject({
    type: 'WrongState',
  });
  expect(sent.size).toBe(0);
  await expect(noted()).resolves.toMatchObject([{ gate: { needs: { approver: 2 } } }]);
});
