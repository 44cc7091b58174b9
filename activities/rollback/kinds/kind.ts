import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import type { DatabaseKind } from '../../../contract/plan/kinds';
import type { Finding } from '../../../contract/run/findings';
import type { Session } from '../../environment/session';
import type { ThrottledSession } from '../../schema-change/throttle';
import type { CaptureOf } from '../../catalogue/captured-columns';
import type { Dropped } from '../../rebuild/dropped';

/** In a maintenance people wait. */
export type RefillInput = RestoreInput & { inMaintenance?: true };

/** `renewed`: owners whose rows got a new key, where new keys were drawn. */
export interface Refilled {
  /** Rows that got their value back; the others as in `FillReceipt`. */
  filled: number;
  placeholders: number;
  renewed?: number;
  throttledMs?: number;
}

/** The way back of a kind, one step after the other. Each step finds what an earlier attempt has done. */
export interface RollbackVerbs<K extends DatabaseKind> {
  /** Whether what is there is as captured: then it is ours, of an earlier attempt. */
  isAsCaptured: (session: Omit<Session, 'signal'>, capture: CaptureOf<K>) => Promise<boolean>;
  /** Empty, in the transaction that uses the decision, under the lock. `isGuarded`: an earlier attempt was here. Returns what is there, in words. */
  rebuild: (client: PostgresClient, dropped: Dropped<K>, isGuarded: boolean) => Promise<string[]>;
  /** Values or rows, from copy and backup, while others write. */
  refill: (session: ThrottledSession, input: RefillInput, dropped: Dropped<K>) => Promise<Refilled>;
  /** Refills once more, and says whether all of it is right. */
  checkRefilled: (session: Session, input: RestoreInput, dropped: Dropped<K>) => Promise<Finding[]>;
  /** Indexes, constraints and whatever else follows; then a comparison with what was captured. */
  finish: (session: Session, dropped: Dropped<K>) => Promise<Finding[]>;
}
