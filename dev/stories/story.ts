import type { Client } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import type { EnvironmentName } from '../../contract/run/names';
import type { Outcome } from '../../contract/run/outcome';
import type { Request } from './request';
import type { Stack } from '../stack/stack';

/** One thing that the demo can show: how it is brought about, what the people do, and what must come of it. */
export interface Story {
  /** One line of `--help`. */
  shows: string;
  /** What will be seen, in one sentence. */
  title: string;
  /** How the rollout must end. */
  ends: Outcome;
  /** What must be there in the end. */
  leaves: Record<EnvironmentName, 'columns' | 'no columns'>;
  /** Before the rollout starts. The returned function ends what would keep the stack from ending. */
  prepare?: (stage: Stage) => Promise<(() => Promise<void>) | void>;
  /** Makes what is called with each new state of the rollout, and interferes with it. */
  interfere?: () => (stage: Stage, facts: Facts) => Promise<void>;
  /** What somebody does who is asked; default: approve. */
  decide?: (request: Request) => { signal: 'approve' | 'reject'; input: object };
  /** What the on-call person answers to a question; default: retry, and if that does not help, the way back. */
  answer?: 'rollback';
  /** What was shown, for the end. */
  lesson: string[];
}

/** What a story may touch. */
export interface Stage {
  stack: Stack;
  client: Client;
  workflowId: string;
  /** Tells the audience. */
  tell: (text: string) => void;
  signal: AbortSignal;
}
