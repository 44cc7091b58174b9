import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { sentAs } from '../../contract/run/decisions';
import type { OpenGate } from '../../contract/run/decisions';
import type { Facts } from '../../contract/run/facts';
import type { Question } from '../../contract/run/waiting';
import { askStatus, rollbackId } from './follow';
import { gateOf, readCode, requestOf, type Received, type Request } from '../stories/request';
import type { Stage, Story } from '../stories/story';
import { stackPeople } from '../stack/people';

type Person = (typeof stackPeople)[number];

/** A person needs a moment to read; long enough for somebody of the audience to be faster. */
const readsForMs: Record<Person['name'], number> = { maria: 3_000, anna: 3_000, ben: 5_000, carla: 3_000, otto: 4_000 };
const looksEveryMs = 250;
/** On a machine with other work the load test is slow for no fault of the release: then on-call takes that upon himself. */
const mostRetries = 3;

/**
 * Plays everybody: each looks for direct messages and decides with the code in them; on-call answers questions. Ends
 * with the signal. Whoever in the audience was faster wins: nobody votes twice, or for a gate that is closed.
 */
export function playPeople(stage: Stage, { decide = approve, answer }: Story): Promise<unknown> {
  const readers = stackPeople.map((person) => readMessages(stage, person, decide));
  return Promise.all([...readers, answerQuestions(stage, answer)]);
}

const approve = ({ input }: Request) => ({ signal: 'approve' as const, input });

async function readMessages(stage: Stage, person: Person, decide: NonNullable<Story['decide']>): Promise<void> {
  const { stack, signal } = stage;
  let after: string | undefined;
  while (!signal.aborted) {
    for (const message of stack.slack.messages({ user: person.slackId, after })) {
      after = message.ts;
      const received = readCode(message);
      const { text } = message;
      if (received !== undefined) void act(stage, person, { ...received, text }, decide).catch(() => undefined);
    }
    await pause(looksEveryMs, signal);
  }
}

async function act(
  stage: Stage,
  { name }: Person,
  received: Received & { text: string },
  decide: NonNullable<Story['decide']>,
): Promise<void> {
  const asked = await untilKnown(stage, received);
  if (asked === undefined || sentAs[asked.purpose].signal !== 'approve') return;
  stage.tell(`${name} reads a direct message: ${received.text}`);
  await pause(readsForMs[name], stage.signal);
  const { workflowId } = asked;
  const { code } = received;
  const facts = await untilAnswered(stage, workflowId);
  const open = facts?.waiting?.for === 'approval';
  if (stage.signal.aborted || !open || facts.votes.some((vote) => vote.person === name && vote.code === code)) return;
  const { signal, input } = decide(requestOf(asked, code, name));
  await send(stage, name, workflowId, signal, input);
  const reason = 'reason' in input ? `: "${String(input.reason)}"` : '';
  const loss = 'acceptLoss' in input ? ', and accepts the loss' : '';
  stage.tell(`${name} ${signal === 'approve' ? 'approves' : 'rejects'} with the code of that message${loss}${reason}`);
}

/** The gate of a code, once its run says so: a message may be faster. Undefined when the demo ends. */
async function untilKnown({ client, workflowId, signal }: Stage, received: Received): Promise<OpenGate | undefined> {
  while (!signal.aborted) {
    for (const id of [workflowId, rollbackId(workflowId)]) {
      const facts = await askStatus(client, id);
      const gate = facts && gateOf(facts, received);
      if (gate !== undefined) return gate;
    }
    await pause(looksEveryMs, signal);
  }
  return undefined;
}

/** The newest state, once a worker tells it: one may be gone just now. Undefined when the demo ends. */
async function untilAnswered({ client, signal }: Stage, workflowId: string): Promise<Facts | undefined> {
  while (!signal.aborted) {
    const facts = await askStatus(client, workflowId);
    if (facts !== undefined && facts.waiting?.for !== 'worker') return facts;
    await pause(looksEveryMs, signal);
  }
  return undefined;
}

/** Under the person's own name, as Temporal UI shows it. */
async function send({ stack }: Stage, name: string, workflowId: string, signal: string, input: object): Promise<void> {
  const { connection, temporal } = stack;
  const client = new Client({ connection, namespace: temporal.namespace, identity: name });
  await client.workflow.getHandle(workflowId).signal(signal, input);
}

/**
 * On-call: what the story wants, where it can be had; else once more; if that does not help, in spite of it, where that
 * can be had with the code of his direct message; else the way back.
 */
async function answerQuestions(stage: Stage, wanted: Story['answer']): Promise<void> {
  const answered = new Map<string, number>();
  let last = '';
  while (!stage.signal.aborted) {
    const facts = await askStatus(stage.client, stage.workflowId);
    const question = facts?.question;
    if (question !== undefined && question.askedAt !== last && facts?.held === undefined) {
      last = question.askedAt;
      const before = answered.get(question.step) ?? 0;
      answered.set(question.step, before + 1);
      await answerQuestion(stage, question, choiceFor(question, wanted, before));
    }
    await pause(looksEveryMs * 2, stage.signal);
  }
}

function choiceFor({ choices }: Question, wanted: Story['answer'], answeredBefore: number): string {
  const order = [wanted, ...(answeredBefore < mostRetries ? ['retry'] : []), 'accept', 'rollback', 'abort'];
  return order.find((choice) => choices.some((possible) => possible.choice === choice)) ?? 'retry';
}

async function answerQuestion(stage: Stage, { step, askedAt }: Question, choice: string): Promise<void> {
  stage.tell(`otto reads the question about "${step}"`);
  await pause(readsForMs.otto, stage.signal);
  const still = (await untilAnswered(stage, stage.workflowId))?.question;
  if (stage.signal.aborted || still?.askedAt !== askedAt) return;
  if (choice === 'accept') return accept(stage);
  await send(stage, 'otto', stage.workflowId, 'answer', { choice, reason: 'as the runbook recommends' });
  stage.tell(`otto answers: ${choice}`);
}

async function accept(stage: Stage): Promise<void> {
  const { slackId } = stackPeople.find(({ name }) => name === 'otto') ?? { slackId: '' };
  const { gate } = (await untilAnswered(stage, stage.workflowId))?.question ?? {};
  const codes = stage.stack.slack.messages({ user: slackId }).map(readCode);
  const received = codes.findLast((each) => each?.challenge === gate?.challenge);
  if (gate === undefined || received === undefined) return stage.tell('otto has no code to accept with');
  const reason = 'this machine is busy with other work';
  const { input } = requestOf(gate, received.code, 'otto');
  await send(stage, 'otto', stage.workflowId, 'answer', { ...input, reason });
  stage.tell(`otto answers with the code of his direct message: accept, since ${reason}`);
}

/** Ends early, without an error, when the demo does. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
