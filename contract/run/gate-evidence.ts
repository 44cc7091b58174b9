import type { Plan } from '../plan/plan';

/** What approvers are shown; frozen and hashed when the gate opens. Markdown-free lines. */
export interface GateEvidence {
  /** What dies, one line a column with its rows. */
  dies: string[];
  /** When it happens after the approval. */
  when: string;
  /** How it can be taken back, and what that loses. */
  wayBack: string;
  /** What was seen: one line a step, e.g. `staging: soak: 24 h healthy, 96 samples, 0 restarts`. */
  seen: string[];
  /** Accepted in spite of a finding, and by whom. */
  accepted: string[];
  reason?: string;
  link?: string;
}

/** What a message of a gate says of the plan. */
export type GatePlan = Pick<Plan, 'name' | 'does'>;
