import type { Plan } from '../contract/plan';
import { isRows, removalsOf } from '../contract/removals';
import { unfreezeStatements } from './freeze';
import { unhideStatements } from './hide';
import { moveAllBack } from './some-rows';
import type { Statement } from './statement';

/** What ends hiding and freeze by hand. Rows come back in one statement, which an adapter does in batches. */
export function putBackStatements(plan: Pick<Plan, 'removes'>): Statement[] {
  const rows = removalsOf(plan).filter(isRows);
  if (rows.length === 0) return [...unhideStatements(plan), ...unfreezeStatements(plan)];
  return [
    ...unfreezeStatements(plan),
    { sql: 'set session_replication_role = replica', why: 'A move is no change that the application should see' },
    ...rows.map(moveAllBack),
    { sql: 'reset session_replication_role', why: 'As usual again' },
    ...unhideStatements(plan),
  ];
}
