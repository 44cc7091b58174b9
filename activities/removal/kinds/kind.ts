import type { OfKnownPlan } from '../../statements/of-known-plan';
import type { OutOfUseInput } from '../../../contract/activities/effect-inputs';
import type { DropReceipt, HideReceipt } from '../../../contract/run/receipts';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import type { Plan } from '../../../contract/plan/plan';
import type { RowState } from '../../../contract/run/observed-state';
import type { RolloutDeps } from '../../decisions/rollout-decisions';
import type { Session } from '../../environment/session';
import type { ThrottledSession } from '../../schema-change/throttle';
import type { Capture } from '../../catalogue/captured-columns';
import type { Freeze } from '../../state/read-freeze';

/** Where an effect works, and until when. */
export interface At extends Omit<Session, 'client'> {
  deps: RolloutDeps;
}

export type HideOrder = OfKnownPlan<'hide'>;
export type DropOrder = OfKnownPlan<'drop'>;

/** Effects on whatever a plan removes. Each verifies by itself, and is safe to run again. */
export interface Effects {
  /** Out of use, while it is still there. */
  hide: (at: At, order: HideOrder) => Promise<HideReceipt>;
  /** Back in use, whatever is; needs no decision. Returns what was done, in words. */
  unhide: (session: Omit<Session, 'client'>, of: Pick<OutOfUseInput, 'run' | 'plan'>) => Promise<string[]>;
  /** Gone for good. */
  drop: (at: At, order: DropOrder) => Promise<DropReceipt>;
  /** Whether an end before the drop may put it back: `hidBegun` says whether this run has begun to hide it. */
  isOursToOpen: (row: RowState, hidBegun: boolean) => boolean;
  /** Whether a rehearsed way back, or a drop that a tool has left half-way, is finished by our own statements in staging. */
  isDroppedAgain: boolean;
}

/** What hiding stands on, beside its decisions: looked for before anybody has to wait. */
export interface HideFooting {
  /** Under the lock, before anything is looked at. @throws `WrongState` */
  require: (client: PostgresClient) => Promise<void>;
  /** What remains to be done once it is committed. */
  after: (client: PostgresClient) => Promise<void>;
}

/** What a drop stands on, beside its decisions. */
export interface DropFooting {
  /** Before anybody has to wait: what goes is what was kept. @throws `WrongState` */
  compare: (client: PostgresClient) => Promise<void>;
  /** What was captured, as it is in the moment when it goes. */
  captured: (client: PostgresClient) => Promise<Capture[]>;
  /** Under the lock: it still is. @throws `WrongState`, or what is tried again */
  requireStill: (client: PostgresClient) => Promise<void>;
  /** Rows that were compared; undefined: of what goes there are none. */
  rows: () => DropReceipt['rows'];
}

/** What effects on something stand on, by whether it has values. */
export interface Footing {
  hide: (at: At, order: HideOrder) => Promise<HideFooting>;
  /** Asked for once a drop; what it returns is asked at each attempt. */
  drop: (at: At, order: DropOrder) => () => Promise<DropFooting>;
}

/** What is moved in batches, beside the one transaction that hides or opens. */
export interface Moves {
  /** After it; `freeze`: its id, which the freeze lets pass. What an earlier attempt has moved is moved. */
  moveOut: (session: ThrottledSession, plan: Plan, freeze: string) => Promise<void>;
  /** Before it, while tables are not locked. Returns, in words, what is not as it was. */
  moveBack: (session: Session, plan: Plan, freeze: Freeze) => Promise<string[]>;
  /** Under the lock: throws while something is hidden that the opening would throw away. */
  requireMovedBack: (client: PostgresClient, hidden: Pick<Plan, 'removes'>) => Promise<void>;
  /** What became of it, after its word: "columns have their names back". */
  isBack: string;
}

/** What was captured, as it is in the moment when it goes. */
export type AsDropped = (client: PostgresClient, captured: readonly Capture[]) => Promise<Capture[]>;
