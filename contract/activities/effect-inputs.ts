import type { Plan } from '../plan/plan';
import type { Granted, Run } from '../run/decisions';
import type { ServerIdentity } from '../run/observed-state';

/** What takes data out of use, of the plan of this digest. */
export interface OutOfUseOrder {
  run: Run;
  /** sha256 of the whole plan, in hex. */
  planDigest: string;
  /** In production, where each effect verifies it again; absent in staging, which decides by itself. */
  decision?: Granted;
  /** Who answered in preflight, where it is known: another server is refused, whatever its marker says. */
  identity?: ServerIdentity;
}

/** What takes a drop back. `run` is the rollback's own, `rollout` the one that it takes back. */
export interface RestoreOrder {
  run: Run;
  rollout: Run;
  /** sha256 of the plan that was rolled out, in hex. */
  planDigest: string;
  /** Proven backup that was there when it was decided; absent = there was none, and the loss was counted without. */
  backup?: string;
  /** The same for the final copy. */
  copy?: string;
  /** Neither was there: keys that were drawn and sealed for this, and the gate at which a custodian has opened them. */
  newKeys?: OpenedKeys;
  /** In production, where each effect verifies it again; absent in staging, which decides by itself. */
  decision?: Granted;
}

/** As a worker hands them to its effects: with the plan that it knows by that digest. */
export type OutOfUseInput = OutOfUseOrder & { plan: Plan };
/** The same for the effects of a rollback. */
export type RestoreInput = RestoreOrder & { plan: Plan };

/** New keys of all owners, one each, in a folder of the production worker; never in a workflow. */
export interface SealedKeys {
  /** Folder name below `new-keys` of the settings' backup folder. */
  id: string;
  /** Number of owners, and so of new keys. */
  owners: number;
}

/** What allows an effect around the change: the gate of its rollout; of a rollback, which names its `rollout`, the gate of that. */
export type EffectOrder = OutOfUseOrder | RestoreOrder;
/** As a worker hands it to its effects. */
export type EffectInput = EffectOrder & { plan: Plan };

/** Maintenance on, for so long at most; or off, which needs neither plan nor decision. */
export interface MaintenanceOrder extends Partial<Pick<OutOfUseOrder, 'planDigest' | 'decision'>> {
  run: Run;
  /** Of a rollback. */
  rollout?: Run;
  on: boolean;
  /** From now on, in ms. */
  deadlineMs: number;
}

/** What a custodian has confirmed to be able to read, and the gate at which they did. */
export interface OpenedKeys extends SealedKeys {
  opened: Granted;
}
