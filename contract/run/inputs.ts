import { z } from 'zod';
import { permanent } from './failures';
import { saysSomething } from '../text/plain-text';
import { faultLines, faultsOf, shown } from '../text/faults';
import type { Fault } from '../text/faults';

/** What the start form of Temporal UI sends: one flat JSON object, or anything else. */

const expected = (what: string) => ({
  error: ({ input }: { input?: unknown }) => `expected ${what}, found ${shown(input)}`,
});
const text = (what: string) =>
  z
    .string(expected(what))
    .min(1, expected(what))
    .max(200, expected(`${what} of at most 200 characters`));

const plan = text("the name of a plan's folder");
const requestedBy = text('your name as the settings have it');
const author = text('the name of the person who wrote the plan').optional();
const target = text('the name of a target').optional();
const reason = z
  .string(expected('a text'))
  .max(2_000, expected('at most 2,000 characters'))
  .refine(saysSomething, expected('a reason in words'))
  .optional();

/** What a rollout is started with. */
export const rolloutOrderSchema = z.strictObject({
  /** Folder name of the plan. */
  plan,
  /** Name of a person of the settings; may not vote. */
  requestedBy,
  /** Person of the settings who wrote the plan, where the plan doesn't say so; may not vote. */
  author,
  /** Needed if the settings name several targets. */
  target,
  /** `preflight`: a read-only report, no lock, no approver. `staging`: ends before the gate of production. */
  until: z.enum(['preflight', 'staging'], expected('"preflight" or "staging"')).optional(),
  /** In the requester's words; approvers read it. Absent = none was given. */
  reason,
  /** Why production is changed outside the policy's windows, or in a freeze: takes one more approval. Absent = it is not. */
  override: reason,
  /** Earliest instant at which production is changed (ISO 8601). */
  notBefore: z.iso.datetime({ offset: true, ...expected('an instant such as "2026-11-24T22:00:00Z"') }).optional(),
});
export type RolloutOrder = z.infer<typeof rolloutOrderSchema>;

/** What a rollback is started with. */
export const rollbackOrderSchema = z
  .strictObject({
    /** Workflow id of the rollout to take back. */
    rollout: text('the workflow id of a rollout').optional(),
    /** Instead of `rollout`, where Temporal no longer knows it: both of these. */
    target,
    plan: plan.optional(),
    requestedBy,
    reason,
  })
  .refine(({ rollout, target, plan }) => (rollout === undefined) === (target !== undefined && plan !== undefined), {
    error: 'expected either "rollout" (a workflow id), or "target" and "plan"',
  });
export type RollbackOrder = z.infer<typeof rollbackOrderSchema>;

/** An order to paste, for the message of an unusable one. */
export const rolloutExample = { plan: 'drop-plaintext-api-keys', requestedBy: 'maria' };
/** The same of a rollback. */
export const rollbackExample = {
  rollout: 'agent-api/drop-plaintext-api-keys/2026-11',
  requestedBy: 'otto',
  reason: 'clients report 401',
};

/** The message of an unusable input: every fault, and an example to paste. */
export const invalidInput = (what: string, faults: readonly Fault[], example: object): Error =>
  permanent(
    'InvalidInput',
    `The ${what} can't be started with this input:\n${faultLines(faults)}\nExample:\n${JSON.stringify(example, null, 2)}`,
  );

/** The order of a rollout. @throws `InvalidInput` with all faults of shape */
export const parseRolloutOrder = (input: unknown): RolloutOrder =>
  parseOrder({ what: 'rollout', schema: rolloutOrderSchema, example: rolloutExample }, input);

/** The order of a rollback. @throws `InvalidInput` with all faults of shape */
export const parseRollbackOrder = (input: unknown): RollbackOrder =>
  parseOrder({ what: 'rollback', schema: rollbackOrderSchema, example: rollbackExample }, input);

/** What can be ordered. */
interface Orderable<T> {
  what: string;
  schema: z.ZodType<T>;
  /** For whoever has ordered it in a wrong way. */
  example: object;
}

function parseOrder<T>({ what, schema, example }: Orderable<T>, input: unknown): T {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (!isObject) {
    throw invalidInput(what, [{ place: 'input', message: `expected one JSON object, found ${shown(input)}` }], example);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(what, faultsOf(parsed.error).slice(0, 50), example);
}
