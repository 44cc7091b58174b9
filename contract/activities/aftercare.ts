import type { Durations } from '../plan/plan';
import type { Run } from '../run/decisions';
import type { EnvironmentName } from '../run/names';
import type { Destruction } from '../run/receipts';
import type { NewEvent } from '../run/run-event';
import type { SlackPlace } from '../run/slack-place';

/** Input of the workflow `aftercare`. */
export interface AftercareInput {
  /** The rollout that it looks after. */
  run: Run;
  planName: string;
  /** The rollout's Slack message, whose thread the news goes into. Absent = not known: it goes into the channel. */
  message?: SlackPlace;
  /** What its events say of the rollout. Absent = Slack alone is told. */
  tells?: Pick<NewEvent, 'run' | 'link'>;
  /** What production is looked at for; absent = nothing was dropped there, so there is nothing to see. */
  looks?: {
    planDigest: string;
    durations: Pick<Durations, 'aftercareHourly' | 'aftercareDaily' | 'aftercareHourlyEvery' | 'aftercareDailyEvery'>;
  };
  /** When backups and final copies are destroyed, ISO. */
  destroyAt: string;
  /** What the rollout has left, as far as it knows, in each environment that it has backed up. */
  left: Partial<Record<EnvironmentName, { backup?: string; copy?: string }>>;
}

/** Answer of its query `seen`. */
export interface AftercareSeen {
  /** Looks so far, also those that failed. */
  looks: number;
  /** What was not green, in words; at most 100. */
  notGreen: string[];
  /** Whether it still looks at production. */
  looking: boolean;
  destroyAt: string;
  /** What became of the backups, by environment; the last try where it has not succeeded yet. */
  destructions: Partial<Record<EnvironmentName, Destruction>>;
}
