import { z } from 'zod';
import { outcomes } from './outcome';

/**
 * What happens to a rollout or rollback, as it is told outside Slack: by webhook and by e-mail. An event says what was, and where to look;
 * it orders and proves nothing. It never holds a code, a key or a value of a row.
 */

/** Of any text in an event. */
export const longestText = 2_000;
/** Of any list in one. */
export const longestList = 50;

const text = z.string().max(longestText);
const name = text;
const list = z.array(text).max(longestList);
const instant = z.iso.datetime();

/** What each event carries beside the facts that all of them have, by its type. */
const dataOf = {
  /** A gate has opened: some people have a code by Slack's direct message. */
  'approval.requested': z.strictObject({
    /** `production`, `rollback`, `hand-out` or `hand-over`. */
    gate: name,
    /** Votes by role. */
    needs: z.record(name, z.int()),
    /** Those who got a code. */
    asked: list,
    /** Until when votes count. */
    until: instant,
  }),
  'approval.granted': z.strictObject({ gate: name, by: list }),
  /** `by` is `claimed` where no code proved it. */
  'approval.rejected': z.strictObject({ gate: name, by: name, reason: text }),
  /** `again`: approval is requested once more. */
  'approval.expired': z.strictObject({ gate: name, again: z.boolean() }),

  'run.held': z.strictObject({ reason: text }),
  'run.resumed': z.strictObject({}),
  /** A step did not succeed, and nothing happens until somebody answers. */
  'question.asked': z.strictObject({
    step: name,
    because: list,
    /** Maintenance on or off; data present, hidden or dropped. */
    state: text,
    loss: text,
    recommended: text,
    ifNobodyAnswers: text,
    answers: list,
  }),
  'question.answered': z.strictObject({ step: name, answer: name, by: name }),
  /** Healthy time of staging is counted from 0 again. */
  'soak.restarted': z.strictObject({ because: list }),

  /** Days ahead, before anybody has approved. */
  'change.planned': z.strictObject({ at: instant }),
  /** Approved; `maintenanceMs`: how long requests may be refused at most, absent = no maintenance. */
  'change.announced': z.strictObject({ at: instant, maintenanceMs: z.int().optional() }),
  /** What was hidden or blocked is as it was. */
  'change.undone': z.strictObject({ environment: z.enum(['staging', 'production']) }),
  /** Past the point of no return. */
  'change.dropped': z.strictObject({}),

  'rollback.ordered': z.strictObject({
    /** Workflow id of the rollback. */
    rollback: name,
    reason: text,
  }),
  /** Approved; its effects begin. */
  'rollback.begun': z.strictObject({ loss: text }),

  'run.ended': z.strictObject({
    outcome: z.enum(outcomes),
    because: text,
    approvedBy: list,
    /** A change of production was announced before. */
    announced: z.boolean(),
    /** Path of the report on the control worker. */
    report: name.optional(),
  }),
  /** A look at production afterwards was not green. */
  'aftercare.found': z.strictObject({ because: list }),
  'aftercare.ended': z.strictObject({}),
  /** The date of backups and final copies has come; `destroyed` is false where they could not be destroyed yet. */
  'backups.due': z.strictObject({ environment: z.enum(['staging', 'production']), destroyed: z.boolean() }),
} as const;

export type EventType = keyof typeof dataOf;
export const eventTypes = Object.keys(dataOf) as [EventType, ...EventType[]];
/** What an event of this type carries. */
export type EventData<Type extends EventType> = z.infer<(typeof dataOf)[Type]>;

const ofRun = z.strictObject({
  kind: z.enum(['rollout', 'rollback']),
  workflowId: name,
  /** Run id of the first of its chain: survives a reset. */
  firstRun: name,
  target: name,
  plan: name,
  /** What the plan does, in its author's words. */
  does: text,
  /** sha256 of the whole plan, in hex. */
  planDigest: name,
  /** Those who asked for it. */
  requesters: list,
});

const common = {
  /** When it happened, ISO. */
  at: instant,
  run: ofRun,
  /** One line for people, as Slack has it. */
  text,
  /** The run in Temporal UI; absent = the settings name none. */
  link: z.string().max(2_000).optional(),
  /** After this it is no news any more, and is not told. Absent = for as long as it is tried. */
  until: instant.optional(),
};

const types = eventTypes.map((type) => z.strictObject({ ...common, type: z.literal(type), data: dataOf[type] }));

/** An event, before it has an id. */
export const newEventSchema = z.discriminatedUnion('type', types as [(typeof types)[number]]);

type Common = { [Field in keyof z.infer<z.ZodObject<typeof common>>]: z.infer<z.ZodObject<typeof common>>[Field] };
/** An event, before it has an id. */
export type NewEvent = { [Type in EventType]: Common & { type: Type; data: EventData<Type> } }[EventType];
/** `id` is the same however often it is told. */
export type RunEvent = NewEvent & { id: string };

/** As what a person is told of an event: it decides the words. */
export const audiences = ['approver', 'on-call', 'requester', 'stakeholder'] as const;
export type Audience = (typeof audiences)[number];

/** Who is told: a webhook or a person, by the name that the settings have for it. */
export type Receiver = { webhook: string } | { person: string; as: Audience };

/** The words by which a receiver is known to people: `webhook pager`, `mail to anna`. */
export const receiverName = (to: Receiver): string =>
  'webhook' in to ? `webhook ${to.webhook}` : `mail to ${to.person}`;

/** Signal of the workflow that delivers. */
export const deliverSignal = 'deliver';

/** What an activity was given, if it is an event; else why not. Nothing of it is believed before. */
export function readNewEvent(input: unknown): NewEvent | { refused: string } {
  const parsed = newEventSchema.safeParse(input);
  if (parsed.success) return parsed.data as NewEvent;
  const [issue] = parsed.error.issues;
  return { refused: `expected an event, found a fault at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}` };
}

/** The same with its id. */
export function readEvent(input: unknown): RunEvent | { refused: string } {
  const { id, ...rest } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof id !== 'string' || !/^evt_[0-9a-f]{32}$/.test(id)) return { refused: 'expected the id of an event' };
  const event = readNewEvent(rest);
  return 'refused' in event ? event : { ...event, id };
}
