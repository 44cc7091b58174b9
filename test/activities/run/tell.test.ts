import { ApplicationFailure } from '@temporalio/activity';
import { createAnnounce } from '../../../activities/run/announce';
import { createPublishStatus } from '../../../activities/run/publish-status';
import type { SlackBoard } from '../../../activities/run/slack-board';
import { type LocalSlack, startLocalSlack } from '../../../dev/local-slack/local-slack';
import { doneFacts, sampleRun, usedCode, waitingFacts } from '../../support/looks/facts';

let slack: LocalSlack;
let board: SlackBoard;

beforeAll(async () => {
  slack = await startLocalSlack({
    users: [{ id: 'U01', name: 'anna', realName: 'Anna' }],
    channels: [
      { id: 'C01', name: 'rollouts' },
      { id: 'C02', name: 'stakeholders' },
    ],
  });
  board = {
    slack: { token: 'xoxb-local-announcements', apiUrl: slack.apiUrl },
    channel: 'C01',
    stakeholdersChannel: 'C02',
  };
});

afterAll(() => slack.close());
afterEach(() => slack.faults.clear());

/** A rollout that no other test has told of. */
const factsOf = (firstRun: string) => waitingFacts({ run: { ...sampleRun, firstRun } });
const messagesOf = (channel: string, word: string) =>
  slack.messages({ channel }).filter((message) => JSON.stringify([message.text, message.blocks]).includes(word));

test('a rollout has one message, which is edited in place', async () => {
  const publish = createPublishStatus(board);
  const facts = factsOf('edited');
  const message = await publish({ facts });
  if (message === undefined) throw new Error('expected the place of a message');
  expect(await publish({ facts: { ...doneFacts(), run: facts.run }, message })).toEqual(message);
  const [only, ...others] = slack.messages({ channel: 'C01' }).filter(({ ts }) => ts === message.ts);
  expect(others).toEqual([]);
  expect(only?.text).toBe('✓ agent-api: drop-plaintext-api-keys: done');
  expect(JSON.stringify(only?.blocks)).not.toContain(usedCode);
});

test('a status that was posted although nobody heard of it is found and edited, not posted again', async () => {
  const publish = createPublishStatus(board);
  const facts = factsOf('found');
  const before = slack.messages({ channel: 'C01' }).length;
  const first = await publish({ facts });
  expect(await publish({ facts: { ...facts, phase: 'monitor' } })).toEqual(first);
  expect(slack.messages({ channel: 'C01' })).toHaveLength(before + 1);
  expect(slack.messages({ channel: 'C01' }).at(-1)?.text).toMatch(/: monitor$/);
});

test('a status message that somebody deleted comes back', async () => {
  const facts = factsOf('deleted');
  const place = await createPublishStatus(board)({ facts, message: { channel: 'C01', ts: '1700000000.000100' } });
  expect(slack.messages({ channel: 'C01' }).map(({ ts }) => ts)).toContain(place?.ts);
});

test('an announcement stands in the thread once, however often it is told', async () => {
  const announce = createAnnounce(board);
  const facts = factsOf('thread');
  const message = await createPublishStatus(board)({ facts });
  if (message === undefined) throw new Error('expected the place of a message');
  const line = { run: facts.run, key: 'line-1', text: 'Approved by anna and ben', message };
  await announce(line);
  await announce(line);
  const told = messagesOf('C01', 'Approved by anna').filter(({ threadTs }) => threadTs === message.ts);
  expect(told).toHaveLength(1);
  expect(messagesOf('C02', 'Approved by anna')).toEqual([]);
});

test('what is news to stakeholders reaches them once, in their own words, and not the thread', async () => {
  const announce = createAnnounce(board);
  const line = { run: factsOf('broadcast').run, key: 'line-2', text: 'Production changes at noon' };
  const toStakeholders = 'The shop changes at noon';
  slack.faults.inject({ kind: 'lost-answer', methods: ['chat.postMessage'], times: 1 });
  const tell = () => announce({ ...line, toStakeholders });
  await tell().catch(tell);
  expect(messagesOf('C02', 'The shop changes')).toHaveLength(1);
  expect(messagesOf('C02', 'Production changes')).toEqual([]);
  expect(messagesOf('C01', 'Production changes')).toHaveLength(1);
});

test('a rate limit tells Temporal when to try again', async () => {
  slack.faults.inject({ kind: 'rate-limited', retryAfterS: 7 });
  const failure = await createPublishStatus(board)({ facts: factsOf('limited') }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'Slack', nonRetryable: false, nextRetryDelay: 7_000 });
});

test('a refused call is tried again seldom, and says what a person must do', async () => {
  const wrong: SlackBoard = { ...board, channel: 'C99' };
  const failure = await createPublishStatus(wrong)({ facts: factsOf('refused') }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    nonRetryable: false,
    nextRetryDelay: 60_000,
    message: expect.stringContaining('invite the app to the channel'),
  });
});

test('without Slack in the settings nothing is told and nothing fails', async () => {
  expect(await createPublishStatus({})({ facts: waitingFacts() })).toBeUndefined();
  await createAnnounce({})({ run: sampleRun, key: 'x', text: 'no one hears this', toStakeholders: 'nor this' });
});
