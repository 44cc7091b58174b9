import { z } from 'zod';
import { columnNameSchema } from '../text/object-name';

/** The parts of a plan that say what is measured: queries, probes, rules of watching. */

/** More of them nobody reads before approving. */
export const mostOfAList = 200;

/** Names, and what stands in messages. */
export const shortText = z.string().min(1).max(200);
const longText = z.string().max(2_000);

/** A statement is judged by PostgreSQL's own grammar, see `sql/statements/`; here only how long it may be. */
const select = z.string().min(1).max(8_000);

/** An ownership query: must read no large table whole and lean on no index that goes; timed on real values. */
export const querySchema = z.strictObject({
  name: shortText,
  /** One `select` with `$1`; a table without a schema is one of `public`. */
  sql: select,
  /** `table.column` from which real values for `$1` are drawn. */
  sample: columnNameSchema,
  /** The index that it is meant for: must be there. Which one the planner takes is told, and stops nothing. */
  index: shortText,
});

/** A call to the application, in the words of its API. */
export const probeSchema = z.strictObject({
  name: shortText,
  method: z.enum(['GET', 'POST']).default('GET'),
  /** `{sample}` is replaced by the first value that `sample` selects. */
  path: z.string().startsWith('/').max(4_000),
  /** Sent as JSON; `[<id>]` in it is another id in each call. */
  body: z.record(z.string(), z.unknown()).optional(),
  /** Which API key the call carries: the settings' probe key, one that nobody has, or none. */
  key: z.enum(['right', 'wrong', 'none']),
  /**
   * One `select` of one column; `$1` is the sha256 hash (hex) of the right key. The first row is called.
   */
  sample: select.optional(),
  expect: z.strictObject({
    /** Status under the new release. */
    status: z.int().min(100).max(599),
    /** Status under the old release, where it differs. */
    before: z.int().min(100).max(599).optional(),
    /** Field that no object of the answer may have (under the new release). */
    lacks: shortText.optional(),
    /** Field that the answer, or each object of a list, must have. */
    has: shortText.optional(),
  }),
});

/** Which lines of the log are meant; all given fields must match exactly. */
export const matcherSchema = z.strictObject({
  event: longText.optional(),
  level: longText.optional(),
  /** Lines that match this too do not count. Values are exact, or end in `*`. */
  except: z.array(z.record(z.string(), z.string())).max(mostOfAList).optional(),
});

/** `critical` starts the soak again; `high` asks a person. */
const severity = z.enum(['critical', 'high']);

/** What is watched; one list for soak, monitor and aftercare. */
export const ruleSchema = z.discriminatedUnion('measure', [
  z.strictObject({
    name: shortText,
    /** Number of matching lines within a sample. */
    measure: z.literal('events'),
    match: matcherSchema,
    /** Most lines in one sample that are still green. */
    max: z.int().min(0),
    severity,
  }),
  z.strictObject({
    name: shortText,
    /** Share of requests that ended in 5xx, 0 to 1. */
    measure: z.literal('server errors'),
    max: z.number().min(0).max(1),
    severity,
  }),
  z.strictObject({
    name: shortText,
    /** 95th percentile of request durations. */
    measure: z.literal('p95'),
    /** Highest value that is still green, in ms. */
    maxMs: z.number().positive(),
    severity,
  }),
]);

export type Query = z.infer<typeof querySchema>;
export type Probe = z.infer<typeof probeSchema>;
export type Matcher = z.infer<typeof matcherSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type Severity = z.infer<typeof severity>;
