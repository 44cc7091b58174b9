import { captureTable } from '../../adapters/catalogue/table-definition';
import type { Environment } from '../environment/environment';

/** As `pg_dump` says it, on a connection of its own. */
export const defineTable = (
  { target, name, postgresUrl: url, toolsFolder }: Environment,
  table: { schema: string; table: string },
): ReturnType<typeof captureTable> =>
  captureTable(
    { connection: { url, applicationName: `rubicon ${target} ${name} define`.slice(0, 63) }, toolsFolder },
    table,
  );
