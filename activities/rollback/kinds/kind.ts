import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import type { DatabaseKind } from '../../../contract/plan/kinds';
import type { Plan } from '../../../contract/plan/plan';
import type { RemovalOf } from '../../../contract/plan/removal';
import type { Finding } from '../../../contract/run/findings';
import type { Session } from '../../environment/session';
import type { Throttle } from '../../schema-change/throttle';
import type { CaptureOf } from '../../catalogue/captured-columns';

/** What was dropped: as the plan names it, and as it was captured. */
export interface Dropped<K extends DatabaseKind> {
  plan: Plan;
  removals: readonly RemovalOf<K>[];
  captured: readonly CaptureOf<K>[];
}

/** In a maintenance people wait. */
export type RefillInput = RestoreInput & { inMaintenance?: true };

/** `renewed`: owners whose rows got a new key, where new keys were drawn. */
export interface Refilled {
  filled: number;
  placeholders: number;
  renewed?: number;
  throttledMs?: number;
}

/** The way back of a kind, one step after the other. Each step finds what an earlier attempt has done. */
export interface RollbackVerbs<K extends DatabaseKind> {
  /** Whether what is there is as captured: then it is ours, of an earlier attempt. */
  isAsCaptured: (of: Omit<Session, 'signal'>, capture: CaptureOf<K>) => Promise<boolean>;
  /** Empty, in the transaction that uses the decision, under the lock. `isGuarded`: an earlier attempt was here. Returns what is there, in words. */
  rebuild: (client: PostgresClient, dropped: Dropped<K>, isGuarded: boolean) => Promise<string[]>;
  /** Values or rows, from copy and backup, while others write. */
  refill: (of: Session & { throttle: Throttle }, input: RefillInput, dropped: Dropped<K>) => Promise<Refilled>;
  /** Refills once more, and says whether all of it is right. */
  checkRefilled: (of: Session, input: RestoreInput, dropped: Dropped<K>) => Promise<Finding[]>;
  /** Indexes, constraints and whatever else follows; then a comparison with what was captured. */
  finish: (of: Session, dropped: Dropped<K>) => Promise<Finding[]>;
}
