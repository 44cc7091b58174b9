import type { Loaded } from '../../contract/activities/loaded';
import type { Temporal } from '../../adapters/temporal';
import type { Person, Policy } from '../decisions/policy';
import type { Channels } from '../delivery/channels';

/** What the control worker knows: plans, people, policy, and names of targets. No address and no secret of any. */
export interface ControlSettings extends Channels {
  /** Folders that hold one folder a plan. */
  plans: readonly string[];
  people: readonly Person[];
  policy: Policy;
  targets: readonly { name: string; covered: Loaded['covered'] }[];
  /** How long backups and final copies are kept after the end of a rollout. */
  keepBackupsMs: number;
  /** `https://host/namespaces/ns`. */
  temporalUi?: string | undefined;
}

/** What steps that load an order need. */
export interface LoadDeps extends ControlSettings {
  temporal: Pick<Temporal, 'startEvent' | 'describe' | 'list'>;
}
