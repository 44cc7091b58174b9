import type { Run } from '../run/decisions';
import type { Facts } from '../run/facts';
import type { Finding } from '../run/findings';
import type { RollbackOrder, RolloutOrder } from '../run/inputs';
import type { NewEvent, Receiver, RunEvent } from '../run/run-event';
import type { SlackPlace } from '../run/slack-place';
import type { AftercareInput } from './aftercare';
import type { Loaded } from './loaded';
import type { ShownStatus } from './shown-status';

/** Activities of the control worker: plans, lock, announcements, report. They touch no environment. */
export interface ControlActivities {
  /** @throws `InvalidInput` with every fault of order and plan at once */
  loadPlan(input: { order: RolloutOrder; workflowId: string; runId: string }): Promise<Loaded>;
  /** @throws `InvalidInput` with every fault of the order at once */
  loadRollback(input: { order: RollbackOrder; workflowId: string; runId: string }): Promise<
    Omit<Loaded, 'plan' | 'planDigest'> & {
      /** Absent: they have it no more. */
      inFolders?: Pick<Loaded, 'plan' | 'planDigest'>;
      /** What Temporal knows of it. */
      rollout?: { workflowId: string; open: boolean };
    }
  >;
  /** @throws `TargetBusy` with the name of the holder */
  acquireTarget(input: { run: Run }): Promise<void>;
  /** Returns once the target can be taken; nothing happens if this run does not hold it. */
  releaseTarget(input: { run: Run }): Promise<void>;
  /** The rollout's one message, edited in place. Returns where it is. */
  publishStatus(input: { facts: ShownStatus; message?: SlackPlace }): Promise<SlackPlace | undefined>;
  /** One line into the thread of the rollout's message; `toStakeholders`, in their own words, into their channel. `key` = once. */
  announce(input: {
    run: Run;
    key: string;
    text: string;
    message?: SlackPlace;
    toStakeholders?: string;
  }): Promise<void>;
  /** Whether Slack's announcements, webhooks and mail reach whom they should. Sends nothing. */
  checkChannels(input: object): Promise<Finding[]>;
  /** Gives an event to the workflow that tells it, with those who are to be told. Once, however often it is asked. */
  handOver(input: { run: Run; event: NewEvent }): Promise<{ receivers: string[] }>;
  /** Tells one receiver of one event. @throws `NotDecided` where another workflow asks than the one that delivers for this run */
  deliver(input: { event: RunEvent; to: Receiver }): Promise<void>;
  /** Path of the Markdown file; the JSON stands beside it. */
  writeReport(input: { facts: Facts }): Promise<{ markdown: string }>;
  /** Leaves one that is open alone. */
  startAftercare(input: AftercareInput): Promise<{ workflowId: string }>;
  /** Leaves one that is open alone. */
  startRollback(input: { order: RollbackOrder; workflowId: string }): Promise<{ workflowId: string }>;
}
