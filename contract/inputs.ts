import { z } from 'zod';
import { permanent } from './failures';
import { faultLines, faultsOf, shown } from './faults';
import type { Fault } from './faults';

/** What the start form of Temporal UI sends: one flat JSON object, or anything else. */

const name = z.string().min(1).max(200);
const reason = z.string().max(2_000).optional();

export const rolloutOrderSchema = z.strictObject({
  /** Folder name of the plan. */
  plan: name,
  /** Name of a person of the settings; may not vote. */
  requestedBy: name,
  /** Needed if the settings name several targets. */
  target: name.optional(),
  /** `preflight`: a read-only report, no lock, no approver. `staging`: ends before the gate of production. */
  until: z.enum(['preflight', 'staging']).optional(),
  reason,
  /** Earliest instant at which production is changed (ISO 8601). */
  notBefore: z.iso.datetime({ offset: true }).optional(),
});
export type RolloutOrder = z.infer<typeof rolloutOrderSchema>;

export const rollbackOrderSchema = z
  .strictObject({
    /** Workflow id of the rollout to take back. */
    rollout: name.optional(),
    /** Instead of `rollout`, where Temporal no longer knows it: both of these. */
    target: name.optional(),
    plan: name.optional(),
    requestedBy: name,
    reason,
  })
  .refine(({ rollout, target, plan }) => (rollout === undefined) === (target !== undefined && plan !== undefined), {
    error: 'expected either "rollout" (a workflow id), or "target" and "plan"',
  });
export type RollbackOrder = z.infer<typeof rollbackOrderSchema>;

export const rolloutExample = { plan: 'drop-plaintext-api-keys', requestedBy: 'maria' };
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
  parseOrder('rollout', rolloutOrderSchema, input, rolloutExample);

/** The order of a rollback. @throws `InvalidInput` with all faults of shape */
export const parseRollbackOrder = (input: unknown): RollbackOrder =>
  parseOrder('rollback', rollbackOrderSchema, input, rollbackExample);

function parseOrder<T>(what: string, schema: z.ZodType<T>, input: unknown, example: object): T {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (!isObject) {
    throw invalidInput(what, [{ place: 'input', message: `expected one JSON object, found ${shown(input)}` }], example);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(what, faultsOf(parsed.error).slice(0, 50), example);
}
