import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import { deliveryId } from '../../contract/run/names';
import type { LocalMessage } from '../../dev/local-slack/local-slack';
import { stackPeople } from '../../dev/stack/people';
import { readCode } from '../../dev/stories/request';
import { carryChangeInStaging } from '../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/stages/rollout-stage';
import { until } from '../support/looks/until';
import { startSmtpReceiver, type SmtpReceiver } from '../support/servers/smtp-receiver';
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver';

// A whole rollout and its rollback, as those hear of it who are not in Slack; their servers fail now and then.

jest.setTimeout(300_000);

const login = { user: 'rubicon', password: 'mail-S3CRET-password' };
let receiver: WebhookReceiver;
let smtp: SmtpReceiver;
let stage: RolloutStage;
let rollout: WorkflowHandle;

beforeAll(async () => {
  [receiver, smtp] = await Promise.all([startWebhookReceiver(), startSmtpReceiver({ login })]);
  stage = await openRolloutStage({
    changePlan: quickLoadTest,
    others: { news: { email: 'news@example.com', roles: ['stakeholder'] } },
    channels: {
      webhooks: [{ name: 'tickets', url: receiver.url, secret: 'env:HOOK_SECRET' }],
      // A login without TLS is for a relay on this machine.
      mail: {
        host: '127.0.0.1',
        port: smtp.port,
        tls: 'none',
        user: login.user,
        password: 'env:MAIL_PASSWORD',
        from: 'r@example.com',
      },
      env: { HOOK_SECRET: receiver.secret, MAIL_PASSWORD: login.password },
    },
  });
  await carryChangeInStaging(stage);
  await stage.work();
});
afterAll(async () => {
  await stage.close();
  await Promise.all([receiver.close(), smtp.close()]);
});

/** What was taken, each once, in order. */
const taken = (): string[] => {
  const types = new Map(receiver.received.map(({ id, body }) => [id, body.type]));
  return [...types.values()];
};
const mailsTo = (name: string): string[] =>
  [
    ...new Map(
      smtp.mails.filter(({ to }) => to[0] === `${name}@example.com`).map((mail) => [mail.messageId, mail]),
    ).values(),
  ].map(({ subject }) => subject);

test('a rollout: each event once, in order, in spite of faults; mail to each what is meant for them', async () => {
  receiver.next.push({ status: 500 }, 'cut', { status: 429, headers: { 'retry-after': '1' } });
  smtp.next.push({ code: 451 }, 'cut');
  rollout = await stage.start({ reason: 'quarterly clean-up' });
  await stage.until(rollout, ({ waiting }) => waiting?.for === 'approval');
  await stage.decide(rollout, 'hold', { reason: 'incident ABCD-EFGH-JKMN-PQRS' });
  await stage.decide(rollout, 'resume');
  await stage.approve(rollout);
  const { outcome } = await stage.resultOf(rollout);
  expect(outcome).toBe('done');
  await until(() => taken().includes('run.ended'), 30_000);
  const expected = [
    ...['approval.requested', 'run.held', 'run.resumed', 'approval.granted', 'change.announced', 'change.dropped'],
    'run.ended',
  ];
  expect(taken()).toEqual(expected);
  const [{ body: { data } = { data: {} } } = {}] = receiver.received;
  expect(data).toMatchObject({ gate: 'production', needs: { approver: 2 }, run: { workflowId: rollout.workflowId } });

  await until(
    () =>
      mailsTo('news').length === 2 &&
      mailsTo('maria').length === 1 &&
      ['anna', 'ben'].every((name) => mailsTo(name).length === 2),
    30_000,
  );
  const what = 'drop-plaintext-api-keys on agent-api';
  for (const name of ['anna', 'ben'])
    expect(mailsTo(name)).toEqual([`Your approval is requested: ${what}`, `done: ${what}`]);
  expect(mailsTo('maria')).toEqual([`done: ${what}`]);
  expect(mailsTo('news')).toEqual([
    expect.stringMatching(/^Change ahead: agent-api, /),
    'Done: the change of agent-api',
  ]);
  expect(mailsTo('otto')).toEqual([]);
});

test('in Slack each approver reads how it ended, the thread tells the story, and stakeholders hear two things', () => {
  const texts = (messages: readonly LocalMessage[]): string[] => messages.map(({ blocks }) => JSON.stringify(blocks));
  for (const name of ['anna', 'ben']) {
    const user = stackPeople.find((person) => person.name === name)?.slackId ?? '';
    const [request, ...others] = stage.slack.messages({ user });
    expect(others).toEqual([]);
    expect(request?.text).toBe('Closed: agent-api: drop-plaintext-api-keys');
    expect(readCode(request ?? { blocks: [] })).toBeUndefined();
    const [shown = ''] = texts(request === undefined ? [] : [request]);
    expect(shown).toContain('*Approved* by anna and ben.');
    expect(shown).toContain('*In the database of production:* dropped');
    expect(shown).toMatch(/The run says:\* Ended as done: .*; report: .*; way back: npx rubicon rollback /);
  }
  const [status, ...thread] = stage.slack.messages({ channel: 'C0ROLLOUTS' });
  expect(thread.map(({ threadTs }) => threadTs)).toEqual(thread.map(() => status?.ts));
  const story = [/Approval requested/, /On hold: incident/, /Resumed/, /anna has approved/, /Approved .*anna and ben/];
  const told = [...story, /changes at/, /Deleted from production/, /done\. /];
  expect(thread.map(({ text }) => text)).toEqual(told.map((line) => expect.stringMatching(line)));
  expect(texts(stage.slack.messages({ channel: 'C0STAKEHOLDERS' }))).toEqual([
    expect.stringMatching(/agent-api changes at .* UTC: Drop the plaintext/),
    expect.stringMatching(/the change of agent-api is done: /),
  ]);
});

test('its rollback: stakeholders hear that the change was taken back', async () => {
  const rollback = await stage.client.workflow.start('rollback', {
    ...{ taskQueue: 'rubicon', workflowId: `${rollout.workflowId}/rollback` },
    args: [{ rollout: rollout.workflowId, requestedBy: 'maria', reason: 'clients report 401' }],
  });
  await stage.approve(rollback);
  expect((await stage.resultOf(rollback)).outcome).toBe('rolled-back');
  await until(() => taken().filter((type) => type === 'run.ended').length === 2, 30_000);
  expect(taken().slice(7)).toEqual(['approval.requested', 'approval.granted', 'rollback.begun', 'run.ended']);
  await until(() => mailsTo('news').length === 3, 30_000);
  expect(mailsTo('news').at(-1)).toBe('Taken back: the change of agent-api');
});

test('no event, no mail and no history of a delivery holds a code or a secret, and no delivery was left undone', async () => {
  const runs = [rollout, stage.client.workflow.getHandle(`${rollout.workflowId}/rollback`)];
  const facts = await Promise.all(runs.map((run) => run.query<Facts>('status')));
  const codes = facts.flatMap(({ votes }) => votes.map(({ code }) => code));
  expect(codes.length).toBeGreaterThan(2);
  const history = await stage.client.workflow.getHandle(deliveryId(rollout)).fetchHistory();
  const texts = [
    JSON.stringify(history),
    ...receiver.received.map(({ text }) => text),
    ...smtp.mails.map(({ raw }) => raw),
  ];
  const decoded = [...texts, Buffer.from(JSON.stringify(history)).toString('latin1')].join('\n');
  for (const secret of [...codes, 'ABCD-EFGH', receiver.secret, login.password, ...Object.values(stage.settings.env)])
    if (secret.length > 8 && !secret.startsWith('/')) expect(decoded).not.toContain(secret);
  expect(receiver.forged).toEqual([]);
  const details = await stage.client.workflow
    .getHandle(deliveryId(rollout))
    .query<string>('__temporal_workflow_metadata');
  expect(JSON.stringify(details)).toContain('0 not told');
});
