import type { PlanCheck } from '../../contract/plan/plan-file';
import type { PlanSections, Problem } from '../../contract/plan/problem';
import { removalsOf } from '../../contract/plan/removals';
import { proofTree } from './proof-tree';
import { readSelect } from './select-statement';
import { StatementFault } from './statement-fault';

/** Of a plan's statements together: to read as many takes a tenth of a second, and nobody reads more before approving. */
const mostText = 32_000;

/** Judges every statement of a plan by the server's grammar: `proof`, `queries`, and the `sample` of `probes`. */
export const statementProblems: PlanCheck = (plan: PlanSections): Problem[] => {
  const { proof, queries = [], probes = [], removes = [] } = plan;
  const length = [proof, ...queries.map(({ sql }) => sql), ...probes.map(({ sample }) => sample)].join('').length;
  if (length > mostText) {
    const message = `expected at most ${mostText} characters of SQL in all, found ${length}; leave out what isn't needed`;
    return [{ path: ['queries'], message }];
  }
  const removals = removalsOf({ removes });
  return [
    ...(proof === undefined ? [] : judged(['proof'], () => proofTree(proof))),
    ...queries.flatMap(({ sql }, index) =>
      judged(['queries', index, 'sql'], () => {
        if (readSelect(sql, removals).hasParameter) return;
        throw new StatementFault('expected a select with $1, found none; compare a column with it');
      }),
    ),
    ...probes.flatMap(({ sample }, index) =>
      sample === undefined ? [] : judged(['probes', index, 'sample'], () => readSelect(sample, removals)),
    ),
  ];
};

function judged(path: PropertyKey[], read: () => unknown): Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof StatementFault)) throw error;
    const { message, offset } = error;
    return [{ path, message, ...(offset !== undefined && { offset }) }];
  }
}
