import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import { reasonBlock } from '../../contract/run/slack-click';
import type { OpenGate } from '../../contract/run/decisions';
import { localApps } from '../../dev/local-slack/local-slack';
import { loadSettings } from '../../worker/settings/settings';
import { startSlackButtons } from '../../worker/slack-buttons';
import { until } from '../support/looks/until';
import { startClosableProxy } from '../support/proxies/closable-proxy';
import { carryChangeInStaging } from '../support/stages/carried-staging';
import {
  click,
  deliver,
  forgedText,
  linesTo,
  openDialog,
  pressedBy,
  requestTo,
  type Payload,
} from '../support/stages/clicks';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/stages/rollout-stage';

// One rollout, which is decided on in Slack alone.

jest.setTimeout(240_000);

let stage: RolloutStage;
let handle: WorkflowHandle;
let gate: OpenGate;

const [maria, anna, ben, otto] = ['U0MARIA', 'U0ANNA', 'U0BEN', 'U0OTTO'];
const why = (reason: string) => ({ [reasonBlock]: reason });
const hasButtons = (user: string) => requestTo(stage.slack, user).blocks.some(({ type }) => type === 'actions');
const status = () => handle.query<Facts>('status');

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage);
  // Only a person can tell whether it would refuse the change.
  await stage.databases.production.query(
    `create function watching() returns event_trigger language plpgsql as $$ begin raise notice 'changed'; end $$;
     create event trigger watcher on ddl_command_end execute function watching()`,
  );
  await stage.work();
  handle = await stage.start();
});
afterAll(() => stage.close());

test('a question is answered by a button, with a reason', async () => {
  await stage.until(handle, (facts) => facts.question?.gate !== undefined);
  const { slack } = stage;
  const labels = requestTo(slack, otto).blocks.flatMap(({ type, elements }) =>
    type === 'actions' ? (elements as { text: { text: string } }[]).map(({ text }) => text.text) : [],
  );
  expect(labels).toEqual(['Retry', 'Accept…', 'Abort…', 'Hold…']);

  const dialog = await openDialog(slack, otto, 'answer-accept');
  const empty = await slack.interactions.submit(dialog, why('…'));
  expect(empty.response).toEqual({ response_action: 'errors', errors: why('Expected a reason in words.') });
  await slack.interactions.submit(dialog, why('it only writes a notice'));
  const { decisions } = await stage.until(handle, ({ question }) => question === undefined);
  expect(decisions).toMatchObject([{ by: 'otto', decision: 'accept', reason: 'it only writes a notice' }]);
  await until(
    () => linesTo(slack, otto).length > 0 && /^✓ \*Accept\*: accepted by otto/.test(linesTo(slack, otto)[0]!),
    10_000,
  );
  expect(slack.interactions.views(otto)).toEqual([]);
});

describe('while it waits for approval', () => {
  beforeAll(async () => {
    const { gates } = await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
    gate = gates.at(-1)!;
  });

  test('a request has its buttons after the text, before the code; a value names the request and nothing else', () => {
    const { blocks } = requestTo(stage.slack, anna);
    const types = blocks.map(({ type, block_id: id }) => id ?? type);
    const at = types.indexOf('rubicon-buttons');
    expect(types.slice(at)).toEqual([
      ...['rubicon-buttons', 'context', 'rubicon-code', 'section', 'section', 'section', 'context'],
    ]);
    const { value } = (blocks[at]?.['elements'] as { value: string }[])[0]!;
    const { target, workflowId, firstRun, challenge } = gate;
    expect(JSON.parse(value)).toEqual({ target, workflowId, firstRun, gate: 'production', challenge });
  });

  /** A message of the codes' app to somebody, with the buttons of the request to Anna. */
  const forgedMessage = async (to: string, key: string, token: string = localApps[1].token): Promise<Payload> => {
    const call = async (method: string, fields: Record<string, unknown>): Promise<Payload> => {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(fields))
        body.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
      const headers = { authorization: `Bearer ${token}` };
      return (await (
        await fetch(`${stage.slack.apiUrl}${method}`, { method: 'POST', headers, body })
      ).json()) as Payload;
    };
    const { channel } = await call('conversations.open', { users: to });
    const metadata = { event_type: 'rubicon_message', event_payload: { key } };
    const { blocks } = requestTo(stage.slack, anna);
    const { ts } = await call('chat.postMessage', { channel: channel.id, text: forgedText, blocks, metadata });
    const at = { user: to, channel: channel.id as string, ts: ts as string, actionId: 'rubicon-approve' };
    return structuredClone(stage.slack.interactions.pressed(at).payload);
  };
  const changedValue = (change: object): Payload => {
    const payload = pressedBy(stage.slack, anna, 'approve');
    payload.actions[0].value = JSON.stringify({ ...JSON.parse(payload.actions[0].value), ...change });
    return payload;
  };
  let dialogs = 0;
  const dialogOf = (action: string, change: object = {}): Payload => {
    const { actions, channel, message, ...payload } = pressedBy(stage.slack, anna, 'approve');
    const kept = { value: actions[0].value, channel: channel.id, ts: message.ts };
    return {
      ...{ ...payload, type: 'view_submission' },
      view: {
        ...{
          id: `V0FORGED${(dialogs += 1)}`,
          callback_id: `rubicon-${action}`,
          private_metadata: JSON.stringify(kept),
        },
        state: { values: { [reasonBlock]: { reason: { value: 'a reason' } } } },
      },
      ...change,
    };
  };
  const asAnna = (change: object): Payload => {
    stage.slack.changeUser(anna, change);
    return pressedBy(stage.slack, anna, 'approve');
  };
  const asHerself = { guest: undefined as never, disabled: false, bot: false, team: 'T0LOCAL' };

  test.each<[name: string, forge: () => Payload | Promise<Payload>, because: string]>([
    [
      'somebody else, on the message to Anna',
      () => ({ ...pressedBy(stage.slack, anna, 'approve'), user: { id: ben, team_id: 'T0LOCAL' } }),
      'the person to whom the message was sent, found another',
    ],
    [
      'someone who is none of the people',
      () => ({ ...pressedBy(stage.slack, anna, 'approve'), user: { id: 'U0NOBODY' } }),
      'one of the people in the settings',
    ],
    [
      'another workspace',
      () => ({
        ...pressedBy(stage.slack, anna, 'approve'),
        team: { id: 'T0OTHER' },
        user: { id: anna, team_id: 'T0OTHER' },
      }),
      'someone of the workspace T0LOCAL, found someone of T0OTHER',
    ],
    ['a guest of one channel', () => asAnna({ guest: 'single-channel' }), 'found a guest'],
    ['a guest of some', () => asAnna({ guest: 'multi-channel' }), 'found a guest'],
    ['a stranger in a shared channel', () => asAnna({ guest: 'stranger' }), 'found a guest'],
    ['a member of another workspace', () => asAnna({ team: 'T0OTHER' }), 'a member of the workspace T0LOCAL'],
    ['someone who has left', () => asAnna({ disabled: true }), 'someone who has left'],
    ['a bot', () => asAnna({ bot: true }), 'a person, found a bot'],
    [
      'a button of the control worker’s own app',
      () => forgedMessage(anna, `gate-${gate.challenge}-anna`, localApps[0].token),
      'a button of the app that sends codes, found one of the app A0LOCALAPP1',
    ],
    [
      'the same, as if it were of the codes’ app',
      async () => {
        const payload = await forgedMessage(anna, `gate-${gate.challenge}-anna`, localApps[0].token);
        return { ...payload, api_app_id: 'A0LOCALAPP2', message: { ts: payload['message'].ts } };
      },
      'the person to whom the message was sent, found another',
    ],
    [
      'a message of the codes’ app that asked for something else',
      () => forgedMessage(anna, 'remind-1'),
      'the message of this very request, to this person',
    ],
    [
      'the key of somebody else',
      () => forgedMessage(anna, `gate-${gate.challenge}-ben`),
      'the message of this very request',
    ],
    [
      'who has asked for it',
      async () => forgedMessage(maria, `gate-${gate.challenge}-maria`),
      'someone else than who has asked for it, or has written the plan, found maria',
    ],
    [
      'someone without the role',
      () => forgedMessage(otto, `gate-${gate.challenge}-otto`),
      'someone with the role approver',
    ],
    [
      'another run',
      () => changedValue({ firstRun: 'of-another-run' }),
      'a request that a production worker has opened',
    ],
    [
      'another workflow',
      () => changedValue({ workflowId: 'agent-api/other' }),
      'a request that a production worker has',
    ],
    ['another gate', () => changedValue({ gate: 'rollback' }), 'a request that a production worker has opened'],
    [
      'an invented challenge',
      () => changedValue({ challenge: '7b0c8f0e-3f1d-4f6e-9d53-3f1b9d2a7c11' }),
      'the message of this very request',
    ],
    ['another target', () => changedValue({ target: 'billing' }), 'a target that the production worker has'],
    ['a value with more in it', () => changedValue({ code: 'K7Q2-9XWM-4T3H-PB6D' }), 'a button of a request'],
    ['what a request for approval has no button for', () => dialogOf('answer-accept'), 'found "answer-accept"'],
    ['an approval out of a dialog', () => dialogOf('approve'), 'a button of a request'],
    [
      'a dialog in the name of another',
      () => dialogOf('reject', { user: { id: ben } }),
      'the person to whom the message was sent',
    ],
    [
      'one that has expired',
      async () => {
        await stage.databases.production.query(expire, [gate.challenge, '2020-01-01T00:00:00.000Z']);
        return pressedBy(stage.slack, anna, 'approve');
      },
      'one that has expired at 2020-01-01',
    ],
    [
      'one that is closed',
      async () => {
        await stage.databases.production.query('insert into rubicon.challenge (challenge) values ($1)', [
          gate.challenge,
        ]);
        return pressedBy(stage.slack, anna, 'approve');
      },
      'one that is closed',
    ],
  ])('a click does not count: %s', async (_, forge, because) => {
    const before = stage.clicks.length;
    try {
      expect(await deliver(stage.slack, await forge())).toMatchObject({ isAcknowledged: true });
      const isSaid = () =>
        [...stage.clicks.slice(before).map((each) => each.because), ...linesTo(stage.slack, anna)].some((text) =>
          text?.includes(because),
        );
      await until(isSaid);
    } finally {
      stage.slack.changeUser(anna, asHerself);
      await stage.databases.production.query(expire, [gate.challenge, gate.expiresAt]);
      await stage.databases.production.query('delete from rubicon.challenge where challenge = $1', [gate.challenge]);
    }
    const { votes, messages, outcome, held } = await status();
    expect({ votes, outcome, held }).toEqual({ votes: [], outcome: undefined, held: undefined });
    expect(messages.map(({ kind }) => kind)).toEqual(['answer']); // that of the question
  });

  const expire = `update rubicon.gate set gate = jsonb_set(gate, '{expiresAt}', to_jsonb($2::text)) where challenge = $1`;

  test('a dialog holds the run, once however often it is sent', async () => {
    const { slack } = stage;
    const dialog = await openDialog(slack, anna, 'hold');
    const { payload } = slack.interactions.sent(dialog, why('incident elsewhere'));
    await Promise.all([deliver(slack, payload), deliver(slack, payload)]);
    const { held } = await stage.until(handle, (facts) => facts.held !== undefined);
    expect(held?.reason).toBe('incident elsewhere (anna, in Slack)');
    await deliver(slack, payload);
    await until(
      () => linesTo(slack, anna).some((text) => text.startsWith('✓ *Hold*: on hold from the next safe point')),
      30_000,
    );
    const { messages } = await status();
    expect(messages.filter(({ kind }) => kind === 'hold')).toHaveLength(1);
    expect(await stage.decide(handle, 'resume')).toMatchObject({ accepted: true });
  });

  test('a click approves; delivered twice it is one vote, and the second click is refused', async () => {
    const { slack } = stage;
    const again = pressedBy(slack, anna, 'approve'); // from a screen that shows the buttons still
    slack.interactions.sockets.loseAcknowledgements(1); // so that Slack delivers it again
    expect(await click(slack, anna, 'approve')).toEqual({ isAcknowledged: false });
    await until(
      () => linesTo(slack, anna).some((text) => text.startsWith('✓ *Approve*: counted; still missing')),
      30_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 3_500)); // until it was delivered again
    const { votes, messages } = await status();
    expect(votes.map(({ person }) => person)).toEqual(['anna']);
    expect(messages.filter(({ kind }) => kind === 'approve')).toHaveLength(1);
    expect(JSON.stringify(slack.messages())).not.toContain(`"value":"${votes[0]!.code}`);

    await until(() => !hasButtons(anna));
    await deliver(slack, again);
    await until(async () => (await status()).messages.filter(({ kind }) => kind === 'approve').length === 2, 30_000);
    expect((await status()).votes).toHaveLength(1);
  });

  test('while the socket is cut a click shows a fault, and counts nowhere; afterwards it works again', async () => {
    const { slack } = stage;
    slack.faults.inject({ kind: 'http-500', methods: ['apps.connections.open'], times: 2 });
    slack.interactions.sockets.cut();
    expect(await click(slack, ben, 'approve')).toEqual({ isAcknowledged: false });
    await until(() => slack.interactions.sockets.count() === 0);
    await until(() => slack.interactions.sockets.count() === 1, 20_000);
    expect(linesTo(slack, ben)).toEqual([]);
    expect((await status()).votes).toHaveLength(1);
  });

  test('while Temporal is away a vote waits and says so; nobody is told that it has counted', async () => {
    const { slack } = stage;
    await stage.stopButtons();
    const [host = '', port] = stage.address.split(':');
    const proxy = await startClosableProxy({ host, port: Number(port) });
    // Without the retries of the default, of which one that waits at our end would throw where nobody can catch it.
    const connection = await Connection.connect({ address: proxy.address, interceptors: [] });
    const env = { ...process.env, ...stage.settings.env };
    const settings = loadSettings({ roles: ['production'], file: stage.settings.file, env });
    const client = new Client({ connection, namespace: stage.namespace });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const listen = async () => {
      const stop = startSlackButtons(settings, client, log);
      await until(() => slack.interactions.sockets.count() === 1, 30_000);
      return stop;
    };
    let stop = await listen();
    try {
      proxy.close();
      await click(slack, ben, 'approve');
      const waiting = /^◷ \*Approve\*: \*not counted yet\*: Temporal does not answer/;
      await until(() => linesTo(slack, ben).some((text) => waiting.test(text)), 30_000);
      await stop();
      expect(linesTo(slack, ben)).toEqual([
        '✗ *Approve*: *not known to have counted*: the worker stopped before Temporal had confirmed it; click again: a person has one vote',
      ]);

      stop = await listen();
      const dialog = await openDialog(slack, ben, 'abort');
      await click(slack, ben, 'approve');
      await until(() => linesTo(slack, ben).some((text) => waiting.test(text)), 30_000);
      expect((await status()).votes).toHaveLength(1);
      proxy.open();
      const { votes } = await stage.until(handle, (facts) => facts.votes.length === 2);
      expect(votes.map(({ person }) => person)).toEqual(['anna', 'ben']);
      await until(() => linesTo(slack, ben).some((text) => text.startsWith('✓ *Approve*: counted; approved')), 30_000);

      // What was approved can still be stopped, by a dialog that was open.
      expect([hasButtons(anna), hasButtons(ben)]).toEqual([false, false]);
      await slack.interactions.submit(dialog, why('not today'));
      const result = await stage.resultOf(handle);
      expect(result).toMatchObject({
        outcome: 'aborted',
        because: expect.stringContaining('not today (ben, in Slack)'),
      });
    } finally {
      await stop();
      await connection.close();
      proxy.stop();
    }
  });
});

test('a rejection out of a dialog ends the run, in the name of who has sent it, and holds no code of a vote', async () => {
  const { slack } = stage;
  stage.hearButtons();
  await stage.databases.production.query('drop event trigger watcher');
  handle = await stage.start();
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  await until(() => slack.interactions.sockets.count() === 1);
  const dialog = await openDialog(slack, anna, 'reject');
  await slack.interactions.submit(dialog, why('a client still reads it'));

  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'rejected',
    because: expect.stringContaining('a client still reads it'),
  });
  const { decisions, votes } = await status();
  expect([decisions, votes]).toMatchObject([
    [{ by: 'anna', decision: 'reject', reason: 'a client still reads it' }],
    [],
  ]);
  await until(() => linesTo(slack, anna).some((text) => text.startsWith('✓ *Reject*')), 30_000);
  const { events } = await handle.fetchHistory();
  const sent = (events ?? [])
    .flatMap((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [])
    .map(({ data }) => Buffer.from(data ?? []).toString());
  expect(sent).toEqual([expect.stringMatching(/"a client still reads it","code":"[0-9A-Z-]{19}"/)]);
  expect(sent[0]).not.toContain(stage.codeOf('anna'));
});
