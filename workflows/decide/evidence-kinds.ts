import type { Kind } from '../../contract/plan/kinds';
import type { Plan } from '../../contract/plan/plan';
import { isKeptByRow, kindOf } from '../../contract/plan/removals';
import type { RowClasses } from '../../contract/run/world';
import { counted } from '../../contract/text/plain-text';

type Entry = Plan['removes'][number];

/** What preflight saw of an entry in production; undefined: nothing. */
export interface Seen {
  rows: RowClasses | undefined;
  /** What its finding says it is. */
  found: string | undefined;
}

/** What approvers are told of a kind. */
interface KindEvidence {
  /** What dies, after its name. */
  dies: (entry: Entry, seen: Seen) => string;
  /** How it comes back before the drop. */
  before: string;
  /** And after it. */
  after: (plan: Plan) => string;
}

const notCounted = 'rows not counted';
const fromTheCopy = 'every row as it was at the freeze, from the final copy';

const kinds = {
  column: {
    dies: ({ replacedBy }, { rows }) => {
      const rowsOf =
        rows === undefined ? notCounted : `${counted(rows.match, 'value')} in ${counted(rows.total, 'row')}`;
      return `: ${rowsOf}, ${replacedBy === undefined ? 'replaced by nothing' : `replaced by ${replacedBy}`}`;
    },
    before: 'in a moment',
    after: (plan) => {
      if (!isKeptByRow(plan))
        return (
          'the key of every owner that was there at the freeze, from the final copy; rows of owners who came since have no ' +
          'key and get an unusable placeholder'
        );
      return plan.proof === undefined
        ? 'the value of every row as it was at the freeze, from the final copy; rows written since have none'
        : 'the value of every row as it was at the freeze, where that still fits what replaced it, else what follows from that; rows for which neither is known are counted before anybody approves';
    },
  },
  table: {
    dies: (_, { rows }) => `: the whole table, ${rows === undefined ? notCounted : counted(rows.total, 'row')}`,
    before: 'in a moment',
    after: () => `${fromTheCopy}, in tables built as they were`,
  },
  rows: {
    dies: (_, { rows }) => `: ${rows === undefined ? notCounted : `${counted(rows.match, 'row')} of ${rows.total}`}`,
    before: 'in batches, as long as it takes to move them',
    after: () => fromTheCopy,
  },
  partition: {
    dies: (_, { rows }) => `: the whole partition, ${rows === undefined ? notCounted : counted(rows.total, 'row')}`,
    before: 'in a moment, unless rows of its values were written meanwhile',
    after: () => `${fromTheCopy}, in tables built and attached as they were`,
  },
  index: {
    dies: (_, { found }) => `: the index alone, no value goes with it${found === undefined ? '' : `; ${found}`}`,
    before: 'in a moment',
    after: () =>
      'built again from its definition while others write; nothing is lost, and until then queries that need it are slow (how long it took in staging: "there and back" below)',
  },
  external: {
    dies: () => ', for good: the plan says "restore: none"',
    before: 'by an action',
    after: () => 'NONE: the plan says "restore: none"; there is no copy of it',
  },
} satisfies Record<Kind, KindEvidence>;

/** Of what a plan removes. */
export const evidenceOf = (plan: Pick<Plan, 'removes'>): KindEvidence => kinds[kindOf(plan)];
