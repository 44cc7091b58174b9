import { findColumns } from '../../adapters/catalogue/catalogue';
import { captureIndex } from '../../adapters/catalogue/index-capture';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { DatabaseKind } from '../../contract/plan/kinds';
import type { DatabaseRemoval, RemovalOf } from '../../contract/plan/removal';
import type { TableName } from '../../contract/text/object-name';

const isTable = async (client: PostgresClient, table: TableName): Promise<boolean> =>
  (await findColumns(client, table)) !== undefined;

type IsNamed<R extends DatabaseRemoval> = (client: PostgresClient, removal: R) => Promise<boolean>;

const kinds = {
  column: async (client, { column, ...table }) => (await findColumns(client, table))?.includes(column) === true,
  table: isTable,
  rows: isTable,
  partition: isTable,
  index: async (client, index) => (await captureIndex(client, index)) !== undefined,
} satisfies { [K in DatabaseKind]: IsNamed<RemovalOf<K>> };

/** Whether there is something of this name, which for some rows is that of their table. */
export const isNamed = (client: PostgresClient, removal: DatabaseRemoval): Promise<boolean> =>
  (kinds[removal.kind] as IsNamed<DatabaseRemoval>)(client, removal);
