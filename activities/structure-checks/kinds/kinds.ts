import type { PostgresClient } from '../../../adapters/postgres/postgres';
import type { DatabaseKind } from '../../../contract/plan/kinds';
import { removedFrom } from '../../../contract/plan/places';
import type { DatabaseRemoval, RemovalOf } from '../../../contract/plan/removal';
import type { Finding } from '../../../contract/run/findings';
import { checkColumn, checkColumnIs } from './check-column';
import { checkColumnSlots } from './check-column-slots';
import { checkIndex, checkIndexIs } from './check-index';
import { checkPartition, checkPartitionIs } from './check-partition';
import { checkRows, checkRowsAre } from './check-rows';
import { checkTable, checkTableIs } from './check-table';
import { checkWildcards } from '../check-wildcards';

/** What is looked at before and after something goes, by its kind. Reads only. */
interface Checks<R extends DatabaseRemoval> {
  /** It is there (or gone), and what stays is there. */
  is: (client: PostgresClient, removal: R, dropped: boolean) => Promise<Finding[]>;
  /** It can go, and come back; and what leans on it. `all`: what else goes. */
  fits: (client: PostgresClient, removal: R, all: readonly R[]) => Promise<Finding[]>;
  /** Once a table. `all`: likewise. */
  tableFits: (client: PostgresClient, removal: R, all: readonly R[]) => Promise<Finding[]>;
}

const kinds = {
  column: {
    is: checkColumnIs,
    fits: (client, removal, all) => checkColumn(client, removal, removedFrom(removal, all)),
    tableFits: async (client, removal, all) => [
      ...(await checkColumnSlots(client, removal, removedFrom(removal, all).length)),
      ...(await checkWildcards(client, removal)),
    ],
  },
  table: { is: checkTableIs, fits: checkTable, tableFits: () => Promise.resolve([]) },
  rows: { is: checkRowsAre, fits: checkRows, tableFits: () => Promise.resolve([]) },
  partition: { is: checkPartitionIs, fits: checkPartition, tableFits: () => Promise.resolve([]) },
  index: { is: checkIndexIs, fits: checkIndex, tableFits: () => Promise.resolve([]) },
} satisfies { [K in DatabaseKind]: Checks<RemovalOf<K>> };

/** The checks of its kind. */
export const checksOf = ({ kind }: DatabaseRemoval) => kinds[kind] as unknown as Checks<DatabaseRemoval>;
