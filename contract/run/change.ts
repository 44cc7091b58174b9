import type { Kind } from '../plan/kinds';
import { isKeptByRow, kindOf, nameOfRemoval } from '../plan/removals';
import type { Plan } from '../plan/plan';

/** What a rollback finds a value by: what replaced it, its row, its row or else the proof, or nothing. */
export type SavedBy = 'replacement' | 'row' | 'row or proof' | 'nothing';

/** What a plan removes from production, as far as people have to be told. All of it is of one kind. */
export interface Change {
  kind: Kind;
  savedBy: SavedBy;
  removes: RemovedPart[];
}

/** One entry of what the plan removes. */
export interface RemovedPart {
  /** As the plan names it. */
  name: string;
  /** Column that is used instead. Absent = none. */
  replacedBy?: string;
  /** What preflight found in production under the name of an index. Absent = of another kind, or not found. */
  definition?: string;
  /** Rows of production when preflight counted them: all, and those with what is removed. Absent = not counted. */
  rows?: { total: number; removed: number };
}

/** What and how a plan removes, without what production holds of it. */
export type ChangeKind = Pick<Change, 'kind' | 'savedBy'>;

export const changeKindOf = (plan: Pick<Plan, 'removes' | 'proof' | 'restore'>): ChangeKind => ({
  kind: kindOf(plan),
  savedBy: savedBy(plan),
});

/**
 * What a plan removes, whatever somebody else has claimed of it; counts and definitions of another are kept where they are of what
 * the plan names.
 */
export const changeAsPlanned = (
  plan: Pick<Plan, 'removes' | 'proof' | 'restore'>,
  claimed: Pick<Change, 'removes'>,
): Change => ({
  ...changeKindOf(plan),
  removes: plan.removes.map((removal) => {
    const name = nameOfRemoval(removal);
    const { definition, rows } = claimed.removes.find((part) => part.name === name) ?? {};
    return {
      name,
      ...(removal.replacedBy !== undefined && { replacedBy: removal.replacedBy }),
      ...(definition !== undefined && { definition }),
      ...(rows !== undefined && { rows }),
    };
  }),
});

function savedBy({ removes, proof, restore }: Pick<Plan, 'removes' | 'proof' | 'restore'>): SavedBy {
  if (restore === 'none') return 'nothing';
  if (!isKeptByRow({ removes })) return 'replacement';
  return proof === undefined ? 'row' : 'row or proof';
}
