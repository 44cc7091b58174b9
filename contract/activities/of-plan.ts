import type { Run } from '../run/decisions';

/**
 * A target, and a plan by the digest of the whole of it. No text of a plan is handed to an activity: it takes what it needs
 * from the plan that its own worker knows by this digest (`activities/statements/of-known-plan.ts`), and a history holds a
 * plan once, where it was read.
 */
export interface OfPlan {
  target: string;
  /** sha256 of the whole plan, in hex. */
  planDigest: string;
}

/** The same for an effect: of which run. */
export interface RunOfPlan {
  run: Run;
  /** sha256 of the whole plan, in hex. */
  planDigest: string;
}
