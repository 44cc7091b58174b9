import { z } from 'zod';
import { faultsOf, shown } from '../text/faults';
import { saysSomething } from '../text/plain-text';
import type { Granted } from './decisions';

/**
 * What people send to a running rollout. An unusable message is answered, recorded and changes nothing; it never
 * throws, since an exception in a signal handler would block the workflow.
 */

/** Names of the signals, as typed into Temporal UI. */
export const messageKinds = ['approve', 'reject', 'hold', 'resume', 'answer', 'abort', 'rollback'] as const;
export type MessageKind = (typeof messageKinds)[number];

/** From the rollback workflow to the rollout that it takes over; not for people. */
export const yieldSignal = 'yield';

const reason = z.string().max(2_000).refine(saysSomething, 'expected a reason in words');
const comment = z.string().max(2_000);
const code = z.string().min(1, 'expected the code from your message').max(100);

const choices = ['retry', 'accept', 'abort', 'rollback'] as const;
export type Choice = (typeof choices)[number];

const schemas = {
  approve: z.preprocess(
    (input) => (typeof input === 'string' ? { code: input } : input),
    z.strictObject({ code, comment: comment.optional(), acceptLoss: z.boolean().optional() }),
  ),
  reject: z.strictObject({ reason, code: code.optional() }),
  hold: z.strictObject({ reason }),
  resume: z.preprocess((input) => input ?? {}, z.strictObject({ reason: reason.optional() })),
  answer: z.strictObject({ choice: z.enum(choices), reason: reason.optional(), code: code.optional() }),
  abort: z.strictObject({ reason }),
  rollback: z.strictObject({ reason }),
} satisfies Record<MessageKind, z.ZodType>;

/** A usable message: its kind and what it says. */
export type Message = {
  [Kind in MessageKind]: { kind: Kind } & z.infer<(typeof schemas)[Kind]>;
}[MessageKind];

/** An example of each input, for descriptions, answers and the local pages. */
export const messageExamples: Record<MessageKind, object> = {
  approve: { code: 'K7Q2-9XWM-4T3H-PB6D' },
  reject: { reason: 'the backup is older than the release' },
  hold: { reason: 'incident in another service' },
  resume: {},
  answer: { choice: 'retry', reason: 'network fixed' },
  abort: { reason: 'not today' },
  rollback: { reason: 'clients report 401' },
};

/** The message, or why it is not one. */
export function readMessage(kind: string, input: unknown): Message | { refused: string } {
  if (!isMessageKind(kind)) return { refused: `unknown signal ${shown(kind)}; known: ${messageKinds.join(', ')}` };
  const parsed = schemas[kind].safeParse(input);
  if (parsed.success) return { kind, ...parsed.data } as Message;
  const faults = faultsOf(parsed.error).slice(0, 5);
  const what = faults.map(({ place, message }) => `${place}: ${message}`).join('; ');
  return { refused: `unusable input (${what}); send for example ${JSON.stringify(messageExamples[kind])}` };
}

/** What the update `decide` was sent: the signal that it stands for, and the rest of it. */
export function readUpdate(input: unknown): { signal: string; input: object } | { refused: string } {
  if (typeof input === 'object' && input !== null && 'signal' in input && typeof input.signal === 'string') {
    const { signal: _, ...rest } = input;
    return { signal: input.signal, input: rest };
  }
  const example = '{"signal":"approve","code":"K7Q2-9XWM-4T3H-PB6D"}';
  return { refused: `expected an object with "signal", found ${shown(input)}; send ${example}` };
}

/** From a rollback to the rollout that it takes over. */
export interface Yield {
  /** Workflow id of the rollback. */
  to: string;
  /** What it was approved by: production's worker looks at it before the rollout ends. */
  decision: Granted;
}

/** What `yield` was sent with; undefined = nothing that could be one. Whether it counts, only production's worker can tell. */
export function readYield(input: unknown): Yield | undefined {
  const read = yieldSchema.safeParse(input);
  return read.success ? (input as Yield) : undefined;
}

const yieldSchema = z.object({
  to: z.string().min(1).max(1_000),
  decision: z.object({
    gate: z.object({ workflowId: z.string(), firstRun: z.string(), challenge: z.string() }),
    votes: z.array(z.object({ code: z.string().max(100) })).max(100),
  }),
});

export const isMessageKind = (kind: string): kind is MessageKind => (messageKinds as readonly string[]).includes(kind);

/** The answer of the update `decide`, and what a signal's sender finds in the status. */
export interface Answer {
  accepted: boolean;
  /** What was done about it, or why not and what to send instead. */
  because: string;
}
