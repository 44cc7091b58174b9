import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Run } from '../../contract/run/decisions';
import { withValues } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { readFreezeTriggers } from '../../sql/freeze';
import { valueVerbsOf } from '../../sql/kinds/kinds';

/** Whole: each has all its triggers, on, of one freeze. Partly: somebody has laid hands on them. */
export type Freeze = { state: 'none' | 'inconsistent' } | { state: 'whole'; id: string };

/** The freeze as the catalogue has it. */
export async function readFreeze(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Freeze> {
  const ids = new Set<string>();
  let found = 0;
  let expected = 0;
  for (const removal of withValues(plan)) {
    const { schema, table } = removal;
    const { freezeTriggers, movesWithTable, hidden } = valueVerbsOf(removal);
    const names = freezeTriggers(removal);
    const tables = movesWithTable ? [table, hidden(removal).table] : [table];
    const { rows } = await client.query<{ enabled: boolean; id: string | null }>(readFreezeTriggers, [
      ...[schema, tables, names],
    ]);
    expected += names.length;
    found += rows.filter(({ enabled, id }) => enabled && id !== null).length;
    for (const { id } of rows) ids.add(id ?? '');
  }
  const [id, another] = ids;
  if (id === undefined) return { state: 'none' };
  return found === expected && another === undefined ? { state: 'whole', id } : { state: 'inconsistent' };
}

type Of = Pick<Run, 'workflowId' | 'firstRun'>;

/** Names a freeze for whoever reads the triggers' comments: whose it is, and since when. */
export const freezeId = ({ workflowId, firstRun }: Of, at: Date): string =>
  `${workflowId} ${firstRun} ${at.toISOString()}`;

/** Whether this run has made it. */
export const isFreezeOf = ({ workflowId, firstRun }: Of, id: string): boolean =>
  id.startsWith(`${workflowId} ${firstRun} `);

/** When it was made, ISO. */
export const frozenAt = (id: string): string => id.slice(id.lastIndexOf(' ') + 1);
