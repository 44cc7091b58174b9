import { z } from 'zod';
import { durationSchema } from '../text/duration';
import { matcherSchema, mostOfAList, probeSchema, querySchema, ruleSchema, shortText } from './evidence';
import { tableNameSchema } from '../text/object-name';
import { removesSchema } from './removals';

/**
 * A plan says what goes out of production and what proves it superfluous. It is data: statements follow from it, it
 * contains no commands. See `plans/drop-plaintext-api-keys/plan.yaml` for one that is written out.
 */

const prefix = z
  .string()
  .max(500)
  .regex(/^[^*?[\]\\]+\*$/, 'expected a prefix followed by "*"');

const mostRoles = 20;

/**
 * Words and forms by which migration tools mean whatever is the last revision, or one that is so many steps from
 * another: tomorrow they are another one, which nobody has approved. Alembic lets no name of a revision hold "@" or ":".
 */
const movingRevision = /^(?:heads?|base|current|latest|none)$|[@:]|^\w*[+-]\d+$/i;

const revision = shortText.refine(
  (text) => !movingRevision.test(text) && /^\S+$/.test(text),
  'expected the name of one revision, as its migration has it; words such as "head", and steps such as "+1", mean another one tomorrow',
);

/** The migration tool's own record of the schema's version: exact on both sides, never "head". */
const revisionSchema = z.strictObject({ table: tableNameSchema, from: revision, to: revision });

/** Cache entries that hold the removed data and must not survive the change of release. */
const cacheSchema = z.strictObject({
  /** Redis patterns with one `*` at the end; everything else in that Redis is left alone. */
  flush: z.array(prefix).min(1).max(mostOfAList),
  /** Field that a value written by the new release never has. */
  neverContains: shortText,
  /** Most keys that a flush removes in a second. Absent = as fast as Redis takes it. */
  keysPerSecond: z.int().min(1).optional(),
  /** Prefixes of primary data whose key names may hold what dies: counted and reported, never deleted. */
  residual: z.array(prefix).max(mostOfAList).default([]),
});

/** How to read the application's log; one JSON object a line, other lines are passed over. */
const logSchema = z.strictObject({
  /** The event that ends each request, with its status and duration fields: evidence that the log covers a time. */
  requests: z.strictObject({ event: shortText, status: shortText, durationMs: shortText }),
  /** A call of ours that is refused, and the event it must leave: proves that the event still has this name. */
  canary: z.strictObject({ probe: shortText, event: shortText }),
  /** What must not have happened within `reachesBack` before the rollout. */
  clean: z
    .array(z.strictObject({ name: shortText, match: matcherSchema, max: z.int().min(0) }))
    .max(mostOfAList)
    .default([]),
  /** How far back the log must cover; a shorter one is unknown. */
  reachesBack: durationSchema.default('7 days'),
});

/** The load test in staging. Defaults are the runbook's. */
const loadTestSchema = z.strictObject({
  /** Calls in all. */
  requests: z.int().positive().max(100_000).default(1_000),
  /** Calls at the same time. */
  connections: z.int().positive().max(1_000).default(100),
  /** Probe names; requests are spread over them evenly. */
  calls: z.array(shortText).min(1).max(mostOfAList),
  /** Share of requests that must succeed, 0 to 1. */
  successShare: z.number().min(0).max(1).default(1),
  /** Highest 95th percentile of the answers' times, in ms. */
  p95Ms: z.number().positive().default(500),
});

/** Every wait, with the runbook's value as its default. */
export const durationsSchema = z.strictObject({
  /** Healthy, covered time that staging needs; the policy may ask for more. */
  soak: durationSchema.default('24 hours'),
  /** Between two samples of the soak. */
  soakEvery: durationSchema.default('15 minutes'),
  /** Real traffic without the data while it still exists, sampled as often as the monitor. */
  trial: durationSchema.default('15 minutes'),
  /** How long production is watched after the drop. */
  monitor: durationSchema.default('1 hour'),
  /** Between two samples of monitor and trial. */
  monitorEvery: durationSchema.default('30 seconds'),
  /** How long a gate waits for its quorum, and its approvals count. */
  gateExpiry: durationSchema.default('24 hours'),
  /** How long production's gate opens again when it has expired, from its first opening. Absent = 7 days; nothing longer than `gateExpiry`: it never does. */
  gateGivesUp: durationSchema.optional(),
  /** How often those who have not answered are reminded. */
  reminderEvery: durationSchema.default('4 hours'),
  /** Between the approval and the change of production. */
  announceAhead: durationSchema.default('15 minutes'),
  /** Hard deadline of one maintenance; the lease lifts it then. */
  maintenance: durationSchema.default('5 minutes'),
  /** How long each step that locks a table tries to acquire the lock before it asks: freeze, hide, drop, undo, rollback. */
  lockGivesUp: durationSchema.default('10 minutes'),
  /** How long one try waits for a lock, with everybody behind it (`lock_timeout` of PostgreSQL). */
  lockTimeout: durationSchema.default('200 ms'),
  /** Longest transaction that is no obstacle in preflight. */
  longTransaction: durationSchema.default('1 minute'),
  /** How long aftercare looks every `aftercareHourlyEvery`, from its start. */
  aftercareHourly: durationSchema.default('24 hours'),
  /** Until when it looks every `aftercareDailyEvery` afterwards, also from its start. */
  aftercareDaily: durationSchema.default('7 days'),
  aftercareHourlyEvery: durationSchema.default('1 hour'),
  aftercareDailyEvery: durationSchema.default('24 hours'),
});

/** What a plan may leave to the platform. */
export const planVerbs = ['hide', 'unhide', 'drop', 'restore'] as const;
export type PlanVerb = (typeof planVerbs)[number];

const actionName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens');

/**
 * Verbs that the platform carries out: for columns its own migration tool, each by an action of the settings, instead of the derived
 * statements: to exactly the plan's revision. What it has done the catalogue says, before and after.
 */
const byActionSchema = z.strictObject({
  hide: actionName.optional(),
  unhide: actionName.optional(),
  drop: actionName.optional(),
  restore: actionName.optional(),
});

/** The whole plan, as parsed from `plan.yaml`; `name` is its folder's name. */
export const planSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens'),
  /** One sentence for approvers. */
  does: z.string().min(1).max(500),
  /** Person of the settings who wrote it, and therefore doesn't vote on it. Absent = whoever starts it may say so. */
  author: shortText.optional(),
  /** Names of the two releases, as the `deploy` action and the health answer know them. */
  release: z.strictObject({ from: shortText, to: shortText }),
  revision: revisionSchema.optional(),
  removes: removesSchema,
  byAction: byActionSchema.optional(),
  /** Only of things, and then always: what was dropped can't be had back. */
  restore: z.literal('none').optional(),
  /** SQL expression over `replacement` and `removed` that is true when nothing is lost; goes with `replacedBy`. */
  proof: z.string().min(1).max(2_000).optional(),
  cache: cacheSchema.optional(),
  /** Statements of the new release that must stay fast. */
  queries: z.array(querySchema).max(mostOfAList).default([]),
  /** Calls that must be answered the same before and after. */
  probes: z.array(probeSchema).max(mostOfAList).default([]),
  loadTest: loadTestSchema.optional(),
  log: logSchema.optional(),
  /** What is watched in soak, trial, monitor and aftercare. */
  watch: z.array(ruleSchema).min(1).max(mostOfAList),
  /** Approvals a role; the stricter of this and the policy counts. */
  approvals: z
    .record(shortText, z.int().min(1))
    .refine((needs) => Object.keys(needs).length <= mostRoles, `expected at most ${mostRoles} roles`)
    .default({}),
  durations: durationsSchema.prefault({}),
});

export type Plan = z.infer<typeof planSchema>;
export type Durations = Plan['durations'];
