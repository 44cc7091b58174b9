import { Client } from 'pg';
import type { StackEnvironment } from '../stack/environment';

/** What an environment is in the end, seen from outside: by SQL and by the platform, not by Rubicon's word. */
export interface Look {
  columns: 'columns' | 'no columns';
  revision: string;
  release: string;
  maintenance: boolean;
}

const sql = `
  select (select count(*)::int from information_schema.columns
           where table_name in ('sessions', 'assistants') and column_name = 'owner_api_key') as columns,
         (select version_num from alembic_version) as revision`;

/** Looks. */
export async function lookAt({ postgresUrl, platform }: StackEnvironment): Promise<Look> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ columns: number; revision: string }>(sql);
    const response = await fetch(`${platform.controlUrl}/state`);
    const { release, maintenance } = (await response.json()) as { release: string; maintenance: boolean };
    const { columns = 0, revision = '' } = rows[0] ?? {};
    return { columns: columns === 0 ? 'no columns' : 'columns', revision, release, maintenance };
  } finally {
    await client.end();
  }
}

/** In words. */
export const lookLine = ({ columns, revision, release, maintenance }: Look): string =>
  `${columns === 'columns' ? 'the key columns are there' : 'the key columns are gone'}, revision ${revision}, ` +
  `${release} serves, maintenance ${maintenance ? 'ON' : 'off'}`;
