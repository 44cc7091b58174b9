import type { Finding } from './findings';
import type { ServerIdentity, ObservedState } from './observed-state';

/**
 * What becomes of a row whose own value can't be restored: it gets an unusable placeholder, so that it stays inaccessible;
 * a new key; stays empty; or gets the value of the backup, which may be older than its last one.
 */
export type LostValue = 'placeholder' | 'new key' | 'empty' | 'as in the backup';

/** What a rollback would do, and lose. */
export interface RollbackCase {
  observed: ObservedState;
  /** The rollout's own run, from the state row. */
  rollout: { workflowId: string; firstRun: string; planDigest: string; requesters: string[] };
  /** Proven backup of that rollout, if it is there and unchanged. */
  backup?: { id: string; sha256: string; takenAt: string };
  /** Its final copy, if it is there and unchanged: has the key of every owner that was there when it was frozen. */
  copy?: { id: string; pairs: number; takenAt: string };
  /** Neither is there: every owner gets a new key, and all of them count as loss. */
  newKeys?: true;
  /** Rows whose value is in neither, or not for certain. `since`: ISO, of what they could be restored from. */
  loss: { rows: number; values: number; since: string; becomes: LostValue };
  /** Rows that get their key back. */
  restorable: { rows: number; values: number };
  identity: ServerIdentity;
  /** Obstacles; empty = it can be done. */
  findings: Finding[];
}
