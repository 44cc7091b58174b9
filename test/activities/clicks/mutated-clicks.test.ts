import { randomUUID } from 'node:crypto';
import { openCodeMessenger } from '../../../activities/approval/code-messenger';
import { createOpenGate } from '../../../activities/approval/open-gate';
import { openClicks, type Clicks } from '../../../activities/clicks/take-clicks';
import { keepPlan } from '../../../activities/statements/known-plan';
import { openSlackClicks } from '../../../adapters/slack/clicks';
import { openSlack } from '../../../adapters/slack/slack';
import type { OpenGate } from '../../../contract/run/decisions';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';
import { everyCase } from '../../support/inputs/some';
import { keysEvidence } from '../../support/looks/evidence';
import { seededRandom } from '../../support/looks/random';
import { pressedBy, type Payload } from '../../support/stages/clicks';
import { orderedBy } from '../../support/stages/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// What Slack's socket brings, changed in every way: none of it sends a signal, and none of it throws. One that is right does.

let stage: SampleEnvironment;
let slack: LocalSlack;
let clicks: Clicks;
/** In the place of Temporal: nothing may arrive there. */
let signals: unknown[];
let opened: OpenGate[];

const people = electorate.people.map(({ name, slackId }) => ({ id: slackId ?? '', name, realName: name }));

beforeAll(async () => {
  [stage, slack] = await Promise.all([openSampleEnvironment(), startLocalSlack({ users: people, channels: [] })]);
  const at = { token: localApps[1].token, apiUrl: slack.apiUrl };
  const { plan, planDigest } = firstPlan();
  await keepPlan(stage.environment, plan);
  const openGate = createOpenGate({
    ...{ ...electorate, environment: stage.find, messenger: openCodeMessenger(at), temporal: orderedBy() },
    hasButtons: true,
  });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const open = (name: string) =>
    openGate({
      gate: {
        ...{ ...newRun(`agent-api/${name}`), name, purpose: 'approve', challenge: randomUUID(), planDigest, expiresAt },
        ...{ requesters: ['maria'], needs: { approver: 2 } },
      },
      evidence: keysEvidence,
    });
  opened = [await open('rollback'), await open('production')];
  const asked = openSlackClicks(at);
  clicks = openClicks({
    ...{ ...electorate, environment: stage.find, clicks: asked, slack: openSlack(at), log: () => undefined },
    app: await asked.whichApp(),
    temporal: {
      describe: (workflowId) => {
        const firstRun = opened.find((gate) => gate.workflowId === workflowId)?.firstRun ?? '';
        const run = { workflowId, runId: firstRun, firstRun, type: 'rollout', open: true, startedAt: new Date() };
        return Promise.resolve({ ...run, memo: {}, searchAttributes: {} });
      },
      signal: (run, name, ...input) => (signals.push({ run, name, input }), Promise.resolve(true)),
      query: () =>
        Promise.resolve({ messages: [{ kind: 'approve', accepted: false, because: 'seen', at: randomUUID() }] }),
    },
  });
});
afterAll(async () => {
  await clicks.close();
  await slack.close();
  await stage.close();
});
beforeEach(() => (signals = []));

const [anna, ben] = ['U02', 'U03'];
const take = (payload: unknown): void => clicks.take({ payload, acknowledge: () => undefined });
const most = everyCase ? 100_000 : 600;
jest.setTimeout(3_600_000);

test('the right one is a signal with a code', async () => {
  take(pressedBy(slack, anna, 'approve'));
  await clicks.idle();
  expect(signals).toEqual([
    {
      run: { workflowId: opened[1]!.workflowId, runId: opened[1]!.firstRun },
      name: 'approve',
      input: [{ code: expect.stringMatching(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/) }],
    },
  ]);
});

test(`of ${most} mutated clicks none is a signal, and none throws`, async () => {
  const random = seededRandom(39);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const accepted: unknown[] = [];
  for (let done = 0; done < most; done += 1) {
    const payload = mutate(pressedBy(slack, pick([anna, ben]), 'approve'), { random, pick });
    take(payload);
    if (done % 20 === 19) await clicks.idle();
    if (signals.length > 0) accepted.push(payload, ...signals.splice(0));
  }
  await clicks.idle();
  expect([...accepted, ...signals]).toEqual([]);
});

interface Dice {
  random: () => number;
  pick: <T>(list: readonly T[]) => T;
}

const odd: readonly unknown[] = [
  ...[undefined, null, 0, -1, '', 'x', '__proto__', 'constructor', [], {}, { toString: 'x' }, 'A'.repeat(100_000)],
  ...['U01', 'U04', 'U0NOBODY', 'T0OTHER', 'A0LOCALAPP1', 'D1U02', 'D2U09', 'C0ROLLOUTS', '1.000001', true, [[[[]]]]],
];

/** Something that decides is no longer what it was; whatever else may be changed besides. */
function mutate(payload: Payload, { random, pick }: Dice): unknown {
  const [button] = payload['actions'] as [Payload];
  const value = JSON.parse(button['value'] as string) as Payload;
  const setValue = (change: Payload): void => void (button['value'] = JSON.stringify({ ...value, ...change }));
  const deciding = ['user.id', 'team.id', 'api_app_id', 'channel.id', 'message.ts', 'container.message_ts'];
  const spoil: (() => unknown)[] = [
    () => setAt(payload, pick(deciding), pick(odd)),
    () => setAt(payload, pick(['type', 'actions', 'actions.0', 'actions.0.value', 'actions.0.action_id']), pick(odd)),
    () => setValue({ [pick(Object.keys(value))]: pick(odd) }),
    () => setValue({ challenge: pick([randomUUID(), opened[0]!.challenge]) }),
    () => setValue({ firstRun: opened[0]!.firstRun }),
    () => setValue({ workflowId: opened[0]!.workflowId }),
    () => setValue({ [pick(['code', 'person', 'extra'])]: 'x' }),
    () => (button['value'] = cut(button['value'] as string, random)),
    () => (button['action_id'] = pick(['rubicon-answer-retry', 'rubicon-approve ', 'approve', 'rubicon-reject'])),
    () => void (payload['actions'] as unknown[]).push({ ...button }),
    () => setAt(payload, 'user', { id: pick(['U01', 'U04', payload['user'].id === anna ? ben : anna]) }),
    () => setAt(payload, 'user.team_id', 'T0OTHER'),
    () => setAt(payload, 'message.app_id', 'A0LOCALAPP1'),
    () => Object.assign(payload, { type: 'view_submission', view: view(value, pick) }),
  ];
  pick(spoil)();
  while (random() < 0.5)
    setAt(payload, pick(['token', 'state', 'message.text', 'view', 'response_url', 'enterprise']), pick(odd));
  return random() < 0.02 ? pick(odd) : payload;
}

/** A dialog that nobody has opened, or that was sent in the name of another: without a reason, or for what has none. */
const view = (value: Payload, pick: Dice['pick']) => ({
  id: 'V0FORGED',
  callback_id: pick(['rubicon-approve', 'rubicon-answer-retry', 'rubicon-answer-accept', '__proto__']),
  private_metadata: pick([
    JSON.stringify({ value: JSON.stringify(value), channel: 'D2U02', ts: '1.000001' }),
    JSON.stringify({ value: 'x', channel: 'D2U02', ts: '1.000001' }),
    '{',
    '',
  ]),
  state: { values: pick<unknown>([{}, { 'rubicon-reason': { reason: { value: 'a reason' } } }, null, []]) },
});

function cut(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 5));
}

function setAt(target: Payload, path: string, to: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce<unknown>((at, name) => (at as Payload | undefined)?.[name], target);
  if (typeof holder === 'object' && holder !== null) (holder as Payload)[last] = to;
}
