/** How a rollout or rollback ends. `Failed` in Temporal means invalid input or our own bug, nothing else. */
export const outcomes = [
  'done',
  'preflight-only',
  'staging-only',
  'stopped',
  'rejected',
  'expired',
  'aborted',
  'rolled-back',
] as const;
export type Outcome = (typeof outcomes)[number];

/** What the workflow returns. */
export interface RolloutResult {
  outcome: Outcome;
  /** One sentence: why it ended so, and what state the environments are in. */
  because: string;
  /** sha256 of the whole plan, in hex. Absent = it ended before the plan was read. */
  planDigest?: string;
  /** Path of the Markdown report, beside which stands the JSON. Absent when it could not be written; see `because`. */
  report?: string;
}
