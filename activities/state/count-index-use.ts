import { setTimeout as rest } from 'node:timers/promises';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readIndexReads } from '../../adapters/rows/index-reads';
import { removedFrom, goneColumns, placeOf } from '../../contract/plan/places';
import { hasValues, type DatabaseRemoval } from '../../contract/plan/removal';
import { removalsOf } from '../../contract/plan/removals';
import type { ColumnName } from '../../contract/text/object-name';
import type { IndexUse } from '../../contract/run/observed-state';
import { hiddenColumn, hiddenTable } from '../../sql/hidden-name';
import { withSession } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * How often the server has read the indexes that are removed, and those that serve other columns, too, and go with a removed one.
 * Guards against queries that are slow after the drop: nobody can name a hidden column, so whoever reads such an index in the
 * trial needs it for the others; and an index goes on being used under whatever name. Reads only.
 */
export function createCountIndexUse({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'countIndexUse'> {
  return ({ target, removes }) =>
    withHeartbeat((signal) =>
      withSession({ environment: find(target), signal }, 'index use', async ({ client }) => {
        const removals = removalsOf({ removes }); // a table takes its own with it
        const indexes: ServingOthers[] = [];
        for (const removal of goneColumns(removals)) indexes.push(...(await servingOthers(client, removal, removals)));
        for (const { schema, table: index } of removals.filter((each) => !hasValues(each)).map(placeOf))
          indexes.push({ schema, index, table: '', others: [] });
        if (indexes.length > 0) await rest(statisticsMs); // what was read until now is counted with a delay
        const use: IndexUse[] = [];
        for (const { schema, ...index } of indexes) {
          const reads = await readIndexReads(client, schema, [index.index, hiddenTable(index.index)]);
          use.push({ ...index, scans: reads?.scans ?? null });
        }
        return use;
      }),
    );
}

/** Sessions tell what they have read once a second. */
const statisticsMs = 1_200;

type ServingOthers = Omit<IndexUse, 'scans'> & { schema: string };

async function servingOthers(
  client: PostgresClient,
  removal: ColumnName,
  all: readonly DatabaseRemoval[],
): Promise<ServingOthers[]> {
  const beingRemoved = removedFrom(removal, all).flatMap((column) => [column, hiddenColumn(column)]);
  const hidden = await captureColumn(client, removal, hiddenColumn(removal.column));
  const capture = hidden ?? (await captureColumn(client, removal, removal.column));
  return (capture?.indexes ?? []).flatMap(({ schema, name, columns }) => {
    const others = columns.filter((column) => !beingRemoved.includes(column));
    return others.length === 0 ? [] : [{ schema, index: name, table: removal.table, others }];
  });
}
