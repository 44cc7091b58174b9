import { randomUUID } from 'node:crypto';
import { createGateActivities } from '../../../activities/gate-activities';
import type { GateDeps } from '../../../activities/approval/open-gate';
import type { Gate, Run } from '../../../contract/run/decisions';
import { digestOf } from '../../../contract/text/digest';
import { keysEvidence } from '../../support/looks/evidence';
import type { SlackMessage } from '../../../report/slack/slack-message';
import { keepPlan } from '../../../activities/statements/known-plan';
import { orderedBy } from '../../support/stages/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

const { plan, planDigest } = firstPlan();
const evidence = keysEvidence;

let stage: SampleEnvironment;
let run: Run;
/** What was sent to whom, as Slack would have it. */
let sent: { person: string; key: string; message: SlackMessage }[];
let unreachable: string[];
beforeAll(async () => {
  stage = await openSampleEnvironment();
  await keepPlan(stage.environment, plan);
});
afterAll(() => stage.close());
beforeEach(() => {
  run = newRun();
  sent = [];
  unreachable = [];
});

const gates = (change: Partial<GateDeps> = {}) =>
  createGateActivities({
    ...electorate,
    environment: stage.find,
    temporal: orderedBy(),
    messenger: {
      send: async ({ name: person }, key, message) => {
        if (unreachable.includes(person)) return 'Slack does not know this person';
        sent.push({ person, key, message });
        return undefined;
      },
      reply: async ({ name: person }, { under, key }, message) => {
        sent.push({ person, key: `${under} > ${key}`, message });
        return undefined;
      },
      update: () => Promise.reject(new Error('expected no message to be changed')),
    },
    ...change,
  });

const gateOf = (change: Partial<Gate> = {}): Omit<Gate, 'evidenceDigest'> => ({
  ...run,
  ...{ name: 'production', purpose: 'approve', challenge: randomUUID(), planDigest, requesters: ['maria'] },
  ...{ expiresAt: new Date(Date.now() + 60_000).toISOString(), needs: { approver: 2 } },
  ...change,
});
const open = (change: Partial<Gate> = {}, deps: Partial<GateDeps> = {}) =>
  gates(deps).openGate({ gate: gateOf(change), evidence });
test('a second rollout that may change the same production gets no code while the first one lives', async () => {
  const first = gateOf();

  const alive = (firstRun: string, isOpen: boolean): Partial<GateDeps> => ({
    temporal: {
      ...orderedBy(),
      describe: (workflowId) =>
        Promise.resolve({
          ...{ workflowId, runId: firstRun, firstRun, type: 'rollout', open: isOpen, startedAt: new Date() },
          ...{ memo: {}, searchAttributes: {} },
        }),
    },
  });
  await gates().openGate({ gate: first, evidence });
  sent = [];
  const refused = {
    type: 'WrongState',
    message: expect.stringContaining(
      `no other rollout of agent-api that may change production, found ${run.workflowId}; no code`,
    ),
  };
  await expect(open({ ...newRun('agent-api/another') }, alive(run.firstRun, true))).rejects.toMatchObject(refused);
  expect(sent).toEqual([]);
  await expect(open({ ...newRun('agent-api/another') }, alive(run.firstRun, false))).resolves.toMatchObject({});
  await expect(open({ ...newRun('agent-api/another') }, alive('of another run', true))).resolves.toMatchObject({});
});

const codeOf = (person: string): string => {
  const messages = sent.filter((one) => one.person === person).map(({ message }) => JSON.stringify(message.blocks));
  return /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/.exec(messages.at(-1) ?? '')?.[0] ?? '';
};
const rows = () =>
  stage.database.query(
    'select state, plan_digest, policy_digest, requesters from rubicon.rollout where first_run = $1',
    [run.firstRun],
  );

test('each eligible person gets a code of their own, and nobody who asked for it; the state row is open', async () => {
  const opened = await open();
  expect(opened).toMatchObject({ told: ['anna', 'ben'], notTold: [], evidenceDigest: digestOf(opened.shown) });
  expect(sent.map(({ person, key }) => `${person} ${key}`)).toEqual([
    `anna gate-${opened.challenge}-anna`,
    `ben gate-${opened.challenge}-ben`,
  ]);
  expect(codeOf('anna')).not.toBe(codeOf('ben'));
  expect(sent.every(({ message }) => !message.text.includes(codeOf('anna')))).toBe(true); // a notification shows the text
  expect(JSON.stringify(opened)).not.toContain(codeOf('anna')); // a code enters history only when it is used
  await expect(rows()).resolves.toMatchObject([{ state: 'open', plan_digest: planDigest, requesters: ['maria'] }]);
});

test('codes are verified by computing them anew, for this opening alone', async () => {
  const opened = await open();
  const first = codeOf('anna');
  const codes = [first, ` ${codeOf('ben').toLowerCase()}`, 'K7Q2-9XWM-4T3H-PB6D', ''];
  await expect(gates().verifyCodes({ gate: opened, codes })).resolves.toEqual([
    { person: 'anna', roles: ['approver'] },
    { person: 'ben', roles: ['approver', 'on-call'] },
    { refused: 'this is no code of this opening; use the one of your newest direct message' },
    { refused: 'it has no code' },
  ]);
  const later = await open();
  expect(codeOf('anna')).not.toBe(first);
  const [old] = await gates().verifyCodes({ gate: later, codes: [first] });
  expect(old).toEqual({ refused: 'this is no code of this opening; use the one of your newest direct message' });
  const [forAnother] = await gates().verifyCodes({
    gate: { ...later, purpose: 'accept-loss' },
    codes: [codeOf('anna')],
  });
  expect(forAnother).toEqual({ refused: 'this code is for "approve", not for "accept-loss"' });
  const forged = { ...later, requesters: [], evidenceDigest: digestOf('other') };
  await expect(gates().verifyCodes({ gate: forged, codes: [codeOf('anna')] })).resolves.toEqual([
    expect.objectContaining({ refused: expect.any(String) }),
  ]);
});

test('very many codes, or what is none, keep no worker busy', async () => {
  const opened = await open();
  const noise = Array.from({ length: 100_000 }, () => 'K7Q2-9XWM-4T3H-PB6D');
  await expect(gates().verifyCodes({ gate: opened, codes: noise })).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/^expected at most 1000 codes, found \["K7Q2/),
  });
  const odd = [{ toString: 'x' }, null, 12, ['a']] as unknown as string[];
  const verdicts = await gates().verifyCodes({ gate: opened, codes: [...noise.slice(0, 990), ...odd, codeOf('anna')] });
  expect(verdicts.slice(-5)).toEqual([
    ...odd.map(() => ({ refused: 'it has no code' })),
    expect.objectContaining({ person: 'anna' }),
  ]);
});

test('a second attempt at one opening sends the same codes under the same keys', async () => {
  const challenge = randomUUID();
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await open({ challenge, expiresAt });
  const first = sent.splice(0);
  await open({ challenge, expiresAt });
  expect(sent).toEqual(first);
});

test('a quorum that nobody can tell does not open; one person less is said', async () => {
  unreachable = ['ben'];
  await expect(open()).rejects.toMatchObject({
    type: 'NoOneNotified',
    message:
      'expected to reach enough people for "production", found 1 more of approver out of reach (ben: Slack does not know ' +
      'this person); fix it, then answer "retry"',
  });
  const one = await open({ name: 'question: soak', purpose: 'accept', needs: { approver: 1 } });
  expect(one).toMatchObject({
    told: ['anna'],
    notTold: [{ person: 'ben', because: 'Slack does not know this person' }],
  });
  await expect(open({ requesters: ['anna', 'ben', 'maria'] })).rejects.toMatchObject({ type: 'WrongState' });
});

test('only the gate of production opens a state row, and only on the server of production', async () => {
  await open({ name: 'rollback', needs: { 'on-call': 1 } });
  await expect(rows()).resolves.toEqual([]);
  const staging = await openSampleEnvironment('staging');
  const mixedUp = { ...stage.environment, postgresUrl: staging.database.url };
  await expect(open({}, { environment: () => mixedUp })).rejects.toMatchObject({ type: 'WrongState' });
  await expect(staging.database.query('select from rubicon.rollout')).resolves.toEqual([]);
  expect(sent.splice(0).map(({ person }) => person)).toEqual(['ben', 'otto']);
  await staging.close();
});

test('an aborted run, another plan and other requesters do not open it again', async () => {
  await open();
  const refusal = {
    type: 'WrongState',
    message: expect.stringMatching(/^expected the state row of this run to be open/),
  };
  sent = [];
  const other = firstPlan(() => ({ does: 'Something else' }));
  await keepPlan(stage.environment, other.plan);
  await expect(open({ planDigest: other.planDigest })).rejects.toMatchObject(refusal);
  await expect(open({ requesters: ['otto'] })).rejects.toMatchObject(refusal);
  await stage.database.query(`update rubicon.rollout set state = 'aborted' where first_run = $1`, [run.firstRun]);
  await expect(open()).rejects.toMatchObject(refusal);
  expect(sent).toEqual([]);
});

test('under another policy it opens again, and no code of an opening before counts, even under the policy of then', async () => {
  const first = await open();
  const early = codeOf('ben');
  const policy = { ...electorate.policy, approvals: { approver: 1 } };
  const superseded = { refused: expect.stringContaining('have changed since this request'), superseded: true };
  await expect(gates({ policy }).verifyCodes({ gate: first, codes: [early] })).resolves.toEqual([superseded]);
  sent = [];
  await expect(gates({ policy }).remind({ gate: first, persons: ['ben'], missing: [] })).resolves.toEqual({
    superseded: true,
  });
  expect(sent).toEqual([]); // nobody is reminded of a code that is worth nothing

  const second = await open({}, { policy });
  expect(second.policyDigest).not.toBe(first.policyDigest);
  expect(sent.map(({ person }) => person)).toEqual(first.told);
  const late = codeOf('ben');
  await expect(gates({ policy }).verifyCodes({ gate: second, codes: [early, late] })).resolves.toEqual([
    { refused: expect.stringContaining('no code of this opening') },
    { person: 'ben', roles: ['approver', 'on-call'] },
  ]);
  const used = (challenge: string) =>
    stage.database.query('select from rubicon.challenge where challenge = $1', [challenge]);
  await expect(used(first.challenge)).resolves.toHaveLength(1);
  await expect(used(second.challenge)).resolves.toHaveLength(0);
  await expect(rows()).resolves.toMatchObject([{ policy_digest: second.policyDigest }]);
});

test('an attempt that comes late does not take the codes of a newer opening away', async () => {
  const first = gateOf();
  await gates().openGate({ gate: first, evidence });
  const second = await open();
  await gates().openGate({ gate: first, evidence });
  await expect(
    stage.database.query('select from rubicon.challenge where challenge = $1', [second.challenge]),
  ).resolves.toHaveLength(0);
});

test('a closed gate has used its challenge, once', async () => {
  const opened = await open();
  const used = () => stage.database.query('select from rubicon.challenge where challenge = $1', [opened.challenge]);
  await expect(used()).resolves.toHaveLength(0);
  await gates().closeGate({ gate: opened, result: 'rejected' });
  await gates().closeGate({ gate: opened, result: 'rejected' });
  await expect(used()).resolves.toHaveLength(1);
});

test('a reminder has no code', async () => {
  const opened = await open();
  const code = codeOf('ben');
  sent = [];
  await gates().remind({ gate: opened, persons: ['ben'], missing: [{ role: 'approver', count: 1 }] });
  expect(sent.map(({ person }) => person)).toEqual(['ben']);
  expect(sent[0]?.key).toMatch(`gate-${opened.challenge}-ben > remind-${opened.challenge}-ben-`);
  expect(JSON.stringify(sent)).not.toContain(code);
});
