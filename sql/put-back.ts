import type { Plan } from '../contract/plan/plan';
import { isRows, placeName, removalsOf } from '../contract/plan/removals';
import { unfreezeStatements } from './freeze';
import { unhideStatements } from './hide';
import { moveAllBack } from './some-rows';
import type { Statement } from './statement';

/**
 * What ends hiding and freeze by hand. Rows come back in one transaction, which an activity does in batches: without it a
 * statement that fails would be followed by one that drops them. `columns`: by table ({@link placeName}),
 * those that can be written.
 */
export function putBackStatements(
  plan: Pick<Plan, 'removes'>,
  columns: ReadonlyMap<string, readonly string[]> = new Map(),
): Statement[] {
  const rows = removalsOf(plan).filter(isRows);
  if (rows.length === 0) return [...unhideStatements(plan), ...unfreezeStatements(plan)];
  return [
    { sql: 'begin', why: 'All of it, or nothing' },
    { sql: 'set local session_replication_role = replica', why: 'A move is no change that the application should see' },
    ...unfreezeStatements(plan),
    ...rows.map((removal) => moveAllBack(removal, columns.get(placeName(removal)))),
    ...unhideStatements(plan),
    { sql: 'commit', why: 'Only where nothing has failed' },
  ];
}
