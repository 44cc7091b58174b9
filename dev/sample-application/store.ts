import type { Pool, QueryResultRow } from 'pg';
import type { Caller, Kind, Owner, Release } from './releases';
import { resources, type Content } from './resources';

/** A row as this release sees it: what clients get, and the owner columns that its statements name. */
export interface Stored {
  content: Content;
  owner: Owner;
}

/** A statement that failed, told as SQLAlchemy does: with the SQL **and its parameters**, plaintext keys included. */
export class StatementFailed extends Error {}

/** All statements name their columns and are unnamed: a column that vanishes breaks only the release that names it. */
export interface SampleStore {
  find(id: string): Promise<Stored | undefined>;
  list(caller: Caller, limit: number): Promise<Content[]>;
  create(content: Content, owner: Owner): Promise<Stored>;
}

export function openSampleStore(pool: Pool, release: Release, kind: Kind): SampleStore {
  const { table, fields } = resources[kind];
  const columns = [...fields, ...release.ownerColumns];
  const select = `SELECT ${columns.join(', ')} FROM ${table}`;
  const stored = (row: QueryResultRow): Stored => ({
    content: pick(row, fields) as Content,
    owner: pick(row, release.ownerColumns),
  });

  return {
    async find(id) {
      const [row] = await run(pool, `${select} WHERE id = $1`, [id]);
      return row && stored(row);
    },
    async list({ hash }, limit) {
      const rows =
        hash === undefined
          ? await run(pool, `${select} WHERE ${isPublic(release)} ORDER BY created_at DESC, id LIMIT $1`, [limit])
          : await run(pool, `${select} WHERE owner_api_key_hash = $1 ORDER BY created_at DESC, id LIMIT $2`, [
              hash,
              limit,
            ]);
      return rows.map((row) => stored(row).content);
    },
    async create(content, owner) {
      const values = { ...content, ...owner };
      const names = Object.keys(values);
      const places = names.map((_, index) => `$${index + 1}`);
      const insert = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING ${columns.join(', ')}`;
      const [row] = await run(pool, insert, Object.values(values));
      return stored(row!);
    },
  };
}

function isPublic(release: Release): string {
  return release.name === 'phase2' ? 'owner_api_key IS NULL' : 'owner_api_key_hash IS NULL';
}

async function run(pool: Pool, sql: string, parameters: unknown[]): Promise<QueryResultRow[]> {
  try {
    return (await pool.query<QueryResultRow>(sql, parameters)).rows;
  } catch (error) {
    const shown = parameters.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(', ');
    const because = `(sqlalchemy.dialects.postgresql.asyncpg.ProgrammingError) ${(error as Error).message}`;
    throw new StatementFailed(`${because}\n[SQL: ${sql}]\n[parameters: (${shown})]`);
  }
}

function pick(row: QueryResultRow, names: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(names.map((name) => [name, row[name] as string | null]));
}
