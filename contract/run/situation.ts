import type { ChangeKind } from './change';
import type { Choice } from './messages';
import type { EnvironmentName } from './names';
import type { RollbackCase } from './rollback-case';
import type { DataState } from './observed-state';

/** Where a run stands when a step did not succeed: what a person has to know before they answer. */
export interface Situation {
  kind: 'rollout' | 'rollback';
  target: string;
  pastTheDrop: boolean;
  /** Of production. `being dropped`: recorded, and the platform's action has not done it yet. */
  data: DataState | 'frozen' | 'being dropped' | 'being restored' | 'unknown';
  /** Environments whose maintenance could not be lifted. */
  maintenance: EnvironmentName[];
  /** The plan restores nothing after the drop. Absent = a rollback can. */
  restore?: 'none';
  /** Of a rollback, as it was counted. Absent = not counted yet. */
  lost?: { loss: RollbackCase['loss']; change: ChangeKind };
  /** Only a person can judge what was found. */
  hasDoubts: boolean;
  /** What may be answered. */
  choices: Choice[];
}
