import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';
import { requirePostgresTools, type PostgresToolsSettings } from '../postgres/tools';
import { runTool } from '../programs/run-tool';
import { readSequences } from './table-sequences';
import type { SequenceState } from './table-sequences';
import { toolConnection } from '../postgres/tool-connection';

/** All that is needed to build a table again with everything on it, and to see that it is the same as before. */
export interface TableDefinition extends TableName {
  /** Columns that can be written, in their order: all but generated ones. */
  columns: string[];
  /** SQL that makes the empty table, with its sequences, owner and comments. Rights are in the catalogue's snapshot. */
  before: string;
  /** SQL for when it has its rows: indexes, constraints, triggers, policies. */
  after: string;
  /** Sequences that go with it, and how far they are: no compared part of the definition. */
  sequences: SequenceState[];
  /** Version of the program that wrote it. */
  tool: string;
}

/**
 * As `pg_dump` writes it, which knows more kinds of things than we do. Our own triggers are no part of it. Undefined:
 * no such table.
 *
 * @throws Error if there is no `pg_dump` of the server's version or newer, or it fails
 */
export async function captureTable(
  order: PostgresToolsSettings & { connection: PostgresSettings; signal?: AbortSignal | undefined },
  { schema, table }: TableName,
): Promise<TableDefinition | undefined> {
  const seen = await openPostgres(order.connection).withClient((client) => lookAt(client, { schema, table }));
  if (seen === undefined) return undefined;
  const { major, columns, sequences } = seen;
  const { folder, versions } = await requirePostgresTools(order, major);
  const section = async (name: 'pre-data' | 'post-data'): Promise<string> => {
    const end = await runTool({
      program: `${folder}/pg_dump`,
      arguments: [
        ...[`--table=${sqlName({ schema, table })}`, `--section=${name}`, '--schema-only', '--no-password'],
        ...['--lock-wait-timeout=10s', '--no-publications', '--no-subscriptions', '--no-privileges'],
        '--encoding=UTF8', // whatever the database's: of the name before it, and of what is written
      ],
      environment: toolConnection(order.connection, order.connection.applicationName),
      signal: order.signal,
    });
    if (end.exitCode === 0) return withoutOurs(inside(end.output));
    throw new Error(
      `expected the definition of ${sqlName({ schema, table })}, found: ${end.complaint}; nothing was changed`,
    );
  };
  const [before, after] = [await section('pre-data'), await section('post-data')];
  return { schema, table, columns, before, after, sequences, tool: versions.pg_dump ?? '' };
}

async function lookAt(client: PostgresClient, { schema, table }: TableName) {
  type Row = { major: number; name: string; generated: boolean };
  const { rows } = await client.query<Row>(
    `select current_setting('server_version_num')::int / 10000 as major, a.attname as name, a.attgenerated <> '' as generated
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      order by a.attnum`,
    [schema, table],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    major: first.major,
    columns: rows.filter(({ generated }) => !generated).map(({ name }) => name),
    sequences: await readSequences(client, { schema, table }),
  };
}

/** Without what is for a session of its own: limits, search path, and commands of psql. */
function inside(script: string): string {
  const start = 'SET row_security = off;\n';
  const from = script.indexOf(start) + start.length;
  const end = script.lastIndexOf('\n--\n-- PostgreSQL database dump complete');
  return script.slice(from, end < from ? undefined : end).trim();
}

const ours = /^--\n-- Name: (?:TRIGGER )?.*(?:zz_)?rubicon_(?:freeze|guard)_.*; Type: (?:TRIGGER|COMMENT);/;

/** A block an object. */
const withoutOurs = (script: string): string =>
  script
    .split(/\n(?=--\n-- Name: )/)
    .filter((block) => !ours.test(block))
    .join('\n')
    .trim();
