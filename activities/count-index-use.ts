import { setTimeout as rest } from 'node:timers/promises';
import { captureColumn } from '../adapters/postgres-catalogue';
import type { PostgresClient } from '../adapters/postgres';
import { goingFrom, removalsOf } from '../contract/plan';
import type { Removal } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { IndexUse } from '../contract/world';
import { hiddenColumn } from '../sql/hide';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';

/**
 * How often the server has read the indexes that serve other columns, too, and go with a removed one. Guards against
 * queries that are slow after the drop: nobody can name a hidden column, so whoever reads such an index in the trial needs
 * it for the others. Reads only.
 */
export function createCountIndexUse({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['countIndexUse'] {
  return ({ target, removes }) =>
    withHeartbeat((signal) =>
      withDatabase(
        find(target),
        'index use',
        async (client) => {
          await rest(statisticsMs); // what was read before the hiding is counted with a delay
          const use: IndexUse[] = [];
          const removals = removalsOf({ removes });
          for (const removal of removals) use.push(...(await useOf(client, removal, removals)));
          return use;
        },
        signal,
      ),
    );
}

/** Sessions tell what they have read once a second. */
const statisticsMs = 1_200;

async function useOf(client: PostgresClient, removal: Removal, all: readonly Removal[]): Promise<IndexUse[]> {
  const going = goingFrom(removal, all).flatMap((column) => [column, hiddenColumn(column)]);
  const hidden = await captureColumn(client, removal, hiddenColumn(removal.column));
  const capture = hidden ?? (await captureColumn(client, removal, removal.column));
  const use: IndexUse[] = [];
  for (const { schema, name, columns } of capture?.indexes ?? []) {
    const others = columns.filter((column) => !going.includes(column));
    if (others.length === 0) continue;
    const { rows } = await client.query<{ scans: number | null }>(
      `select case when current_setting('track_counts') = 'on' then idx_scan::float8 end as scans
         from pg_stat_user_indexes where schemaname = $1 and indexrelname = $2`,
      [schema, name],
    );
    use.push({ index: name, table: removal.table, others, scans: rows[0]?.scans ?? null });
  }
  return use;
}
