import type { DatabaseKind } from '../../contract/plan/kinds';
import type { Plan } from '../../contract/plan/plan';
import type { RemovalOf } from '../../contract/plan/removal';
import type { CaptureOf } from '../catalogue/captured-columns';

/** What was dropped: as the plan names it, and as it was captured. */
export interface Dropped<K extends DatabaseKind> {
  plan: Plan;
  removals: readonly RemovalOf<K>[];
  captured: readonly CaptureOf<K>[];
}
