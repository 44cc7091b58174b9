import { randomUUID } from 'node:crypto';
import { openCodeMessenger } from '../../../activities/approval/code-messenger';
import type { GateDeps } from '../../../activities/approval/open-gate';
import { createGateActivities } from '../../../activities/gate-activities';
import { keepPlan } from '../../../activities/statements/known-plan';
import type { Opened } from '../../../contract/activities/gate-activities';
import type { OpenGate, Run, Vote } from '../../../contract/run/decisions';
import type { RequestState } from '../../../contract/run/request-state';
import { startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';
import { keysEvidence } from '../../support/looks/evidence';
import { orderedBy } from '../../support/stages/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

const { plan, planDigest } = firstPlan();

let stage: SampleEnvironment;
let slack: LocalSlack;
let run: Run;
beforeAll(async () => {
  [stage, slack] = await Promise.all([
    openSampleEnvironment(),
    startLocalSlack({
      users: people.map(({ name, slackId = '' }) => ({ id: slackId, name, realName: name })),
      channels: [],
    }),
  ]);
  await keepPlan(stage.environment, plan);
});
afterAll(async () => {
  await stage.close();
  await slack.close();
});
beforeEach(() => (run = newRun()));
afterEach(() => slack.faults.clear());

const people = [
  ...electorate.people.filter(({ name }) => name !== 'maria'),
  { name: 'carl', roles: ['approver'], slackId: 'U01' },
];

const gates = (change: Partial<GateDeps> = {}) =>
  createGateActivities({
    ...{ ...electorate, people, environment: stage.find, temporal: orderedBy() },
    messenger: openCodeMessenger({ token: 'xoxb-local-codes', apiUrl: slack.apiUrl }),
    ...change,
  });

interface Asked {
  gate: OpenGate;
  evidence: NonNullable<Opened['shown']>;
}

async function ask(): Promise<Asked> {
  const { shown = keysEvidence, ...gate } = await gates().openGate({
    gate: {
      ...{ ...run, name: 'production', purpose: 'approve', challenge: randomUUID(), planDigest, requesters: [] },
      ...{ expiresAt: new Date(Date.now() + 60_000).toISOString(), needs: { approver: 3 } },
    },
    evidence: keysEvidence,
  });
  return { gate, evidence: shown };
}

/** What one person has of a request: its messages, the newest last, as text. */
const messagesOf = ({ gate }: Asked, person: string): string[] =>
  slack
    .messages({})
    .filter(({ metadata }) => JSON.stringify(metadata ?? {}).includes(`gate-${gate.challenge}-${person}"`))
    .map(({ text, blocks }) => JSON.stringify([text, blocks]));
const messageOf = (asked: Asked, person: string): string => messagesOf(asked, person)[0] ?? '';
const codeOf = (asked: Asked, person: string): string =>
  /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/.exec(messageOf(asked, person))?.[0] ?? '';
const voteOf = (asked: Asked, person: string, code = codeOf(asked, person)): Vote => ({
  ...{ person, roles: ['approver'], code, at: new Date().toISOString() },
});
const show = (asked: Asked, state: Partial<RequestState> = {}) =>
  gates().showRequest({ ...asked, state: { votes: [], isOver: false, said: [], ...state } });

test('after a vote everybody reads it; the code of that one goes, and nobody else’s', async () => {
  const asked = await ask();
  const codes = { anna: codeOf(asked, 'anna'), ben: codeOf(asked, 'ben') };
  await expect(show(asked, { votes: [voteOf(asked, 'anna')] })).resolves.toEqual([]);
  expect(messageOf(asked, 'anna')).toContain('You have approved.');
  expect(messageOf(asked, 'anna')).not.toMatch(new RegExp(`${codes.anna}|rubicon-code`));
  expect(messageOf(asked, 'ben')).toContain(
    'Approved so far by anna. Still missing: 2 approvals from role \\"approver\\"',
  );
  expect(codeOf(asked, 'ben')).toBe(codes.ben);
  for (const person of ['anna', 'ben', 'carl']) expect(messagesOf(asked, person)).toHaveLength(1);
});

test('a vote without a right code is shown to nobody', async () => {
  const asked = await ask();
  await show(asked, {
    votes: [voteOf(asked, 'anna', codeOf(asked, 'ben').replace(/.$/, 'Z')), voteOf(asked, 'ben', '')],
  });
  expect(messageOf(asked, 'ben')).not.toContain('Approved so far');
});

test('once it is over no code is left, and what the run says is told as its word', async () => {
  const asked = await ask();
  await show(asked, { isOver: true, said: ['"production" was rejected by ben: <!channel> not today'] });
  for (const person of ['anna', 'ben', 'carl']) {
    const message = messageOf(asked, person);
    expect(message).toMatch(/^\["Closed: agent-api/);
    expect(message).toContain('*The run says:* \\"production\\" was rejected by ben: &lt;!channel&gt; not today');
    expect(codeOf(asked, person)).toBe('');
  }
});

test('a challenge that was used is over, whatever the run says; a drop is told from the database', async () => {
  const asked = await ask();
  await gates().closeGate({ gate: asked.gate, result: 'granted' });
  await stage.database.query(`update rubicon.rollout set state = 'dropped' where first_run = $1`, [run.firstRun]);
  await show(asked, { votes: ['anna', 'ben', 'carl'].map((person) => voteOf(asked, person)) });
  expect(messageOf(asked, 'carl')).toContain('*Approved* by anna and ben and carl.');
  expect(messageOf(asked, 'carl')).toContain('*In the database of production:* dropped');
  expect(codeOf(asked, 'carl')).toBe('');
});

test('nothing is shown of a request that this run has not opened, or with other evidence than was shown', async () => {
  const asked = await ask();
  const before = messageOf(asked, 'anna');
  const refused = { type: 'NotDecided', message: expect.stringContaining('their messages stay as they are') };
  const state = { votes: [], isOver: true, said: ['done'] };
  await expect(
    gates().showRequest({ ...asked, gate: { ...asked.gate, firstRun: 'another' }, state }),
  ).rejects.toMatchObject(refused);
  const evidence = { ...asked.evidence, reason: 'another' };
  await expect(gates().showRequest({ ...asked, evidence, state })).rejects.toMatchObject(refused);
  expect(messageOf(asked, 'anna')).toBe(before);
});

test('while Slack takes no more it is thrown with the time to wait; then all are changed, and nothing stands twice', async () => {
  const asked = await ask();
  slack.faults.inject({ kind: 'rate-limited', retryAfterS: 2, times: 4 });
  const state = { votes: [], isOver: true, said: ['expired'] };
  const attempt = () => gates().showRequest({ ...asked, state });
  await expect(attempt()).rejects.toMatchObject({ type: 'Slack', nextRetryDelay: 2_000 });
  await expect(attempt().catch(attempt)).resolves.toEqual([]);
  for (const person of ['anna', 'ben', 'carl']) {
    expect(messagesOf(asked, person)).toHaveLength(1);
    expect(messageOf(asked, person)).toContain('expired');
  }
});

test('a reminder stands in the thread of the request, once an hour', async () => {
  const asked = await ask();
  const remind = () =>
    gates({ temporalUi: 'http://temporal.example/namespaces/default' }).remind({
      ...{ gate: asked.gate, persons: ['ben'], missing: [{ role: 'approver', count: 2 }] },
    });
  await remind();
  await remind();
  const [request] = slack
    .messages({})
    .filter(({ metadata }) => JSON.stringify(metadata).includes(`${asked.gate.challenge}-ben"`));
  const replies = slack.messages({}).filter(({ threadTs }) => threadTs !== undefined && threadTs === request?.ts);
  expect(replies).toHaveLength(1);
  expect(JSON.stringify(replies)).toContain('http://temporal.example/namespaces/default/workflows/');
});
