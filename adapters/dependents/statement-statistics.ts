import { loadModule, parseSync } from 'libpg-query';
import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** A statement that means all columns of a table without naming them. */
export interface WildcardStatement {
  /** `select *`: reads them all, and a prepared one fails once they change. `insert`: gives values by position. */
  kind: 'select *' | 'insert without columns';
  /**
   * `queryid` of `pg_stat_statements`; another version of the server gives another one (PostgreSQL documentation,
   * pg_stat_statements).
   */
  queryId: string;
  /** Executions since the statistics were reset, by all roles. */
  calls: number;
}

/** What there is to see of past statements. */
export interface StatementStatistics {
  /** The most frequent first. */
  statements: WildcardStatement[];
  /** Why it is not all, or nothing; absent = it is all. */
  unseen?: string;
}

/** More different statements about one table are not looked at. */
const mostStatements = 5_000;

/**
 * Statements of all roles in this database since the statistics were reset, as `pg_stat_statements` keeps them: without
 * constants. Prepared statements of other sessions are nowhere to be seen but in there.
 */
export async function findWildcardStatements(
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<StatementStatistics> {
  const place = await client.query<{ view: string }>(
    `select format('%I.pg_stat_statements', n.nspname) as view from pg_extension e join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_stat_statements'`,
  );
  const view = place.rows[0]?.view;
  if (view === undefined) return { statements: [], unseen: 'no extension pg_stat_statements in this database' };
  const may = await client.query<{ all: boolean }>(`select pg_has_role('pg_read_all_stats', 'usage') as all`);
  const { rows } = await client.query<{ queryId: string; calls: number; query: string }>(
    `select s.queryid::text as "queryId", sum(s.calls)::float8 as calls, max(s.query) as query from ${view} s
      where s.dbid = (select oid from pg_database where datname = current_database())
        and position(lower($1) in lower(s.query)) > 0
      group by s.queryid order by 2 desc limit ${mostStatements}`,
    [table],
  );
  await loadModule();
  const statements = rows.flatMap(({ query, ...rest }): WildcardStatement[] => {
    const kind = kindOf(query, { schema, table });
    return kind === undefined ? [] : [{ kind, ...rest }];
  });
  const unseen =
    may.rows[0]?.all !== true
      ? 'statements of other roles, which this one may not see'
      : rows.length === mostStatements
        ? `more than ${mostStatements} statements about this table`
        : undefined;
  return { statements, ...(unseen !== undefined && { unseen }) };
}

/** Undefined: it names what it means, is about another table, or is no statement that the parser reads. */
function kindOf(query: string, table: TableName): WildcardStatement['kind'] | undefined {
  let tree: unknown;
  try {
    tree = parseSync(query);
  } catch {
    return undefined;
  }
  const found: WildcardStatement['kind'][] = [];
  walk(tree, (node) => {
    for (const name of ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'CopyStmt']) {
      const statement = node[name];
      if (isNode(statement)) found.push(...kindsOf(name, statement, table));
    }
  });
  return found.find((kind) => kind === 'insert without columns') ?? found[0];
}

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) value.forEach((each) => walk(each, visit));
  else if (isNode(value)) {
    visit(value);
    Object.values(value).forEach((each) => walk(each, visit));
  }
}

function kindsOf(name: string, statement: Node, table: TableName): WildcardStatement['kind'][] {
  const { relation, cols, attlist, fromClause, targetList, returningClause } = statement;
  const own = isNode(relation) && isOf(relation, table) ? [nameIn(relation)] : [];
  if (name === 'InsertStmt' && own.length > 0 && cols === undefined && statement['selectStmt'] !== undefined)
    return ['insert without columns'];
  if (name === 'CopyStmt') {
    if (own.length === 0 || attlist !== undefined) return [];
    return [statement['is_from'] === true ? 'insert without columns' : 'select *'];
  }
  const names = name === 'SelectStmt' ? rangesIn(fromClause, table) : own;
  const targets = name === 'SelectStmt' ? targetList : (returningClause ?? statement['returningList']);
  return names.length > 0 && hasStar(targets, names) ? ['select *'] : [];
}

/** Names under which a FROM clause has the table: its alias, or its own. Not those of subqueries. */
function rangesIn(from: unknown, table: TableName): string[] {
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    if (isNode(value['RangeVar'])) names.push(...(isOf(value['RangeVar'], table) ? [nameIn(value['RangeVar'])] : []));
    if (isNode(value['JoinExpr'])) visit([value['JoinExpr']['larg'], value['JoinExpr']['rarg']]);
  };
  visit(from);
  return names;
}

const isOf = ({ schemaname, relname }: Node, { schema, table }: TableName): boolean =>
  relname === table && (schemaname === undefined || schemaname === schema);

const nameIn = ({ alias, relname }: Node): string =>
  String(isNode(alias) && typeof alias['aliasname'] === 'string' ? alias['aliasname'] : relname);

/** `*`, `t.*`, and the row as a value (`t`, `to_jsonb(t)`). */
function hasStar(targets: unknown, names: readonly string[]): boolean {
  let found = false;
  walk(targets, ({ ColumnRef: reference }) => {
    if (!isNode(reference) || !Array.isArray(reference['fields'])) return;
    const fields = reference['fields'].filter(isNode);
    const last = fields.at(-1);
    const before = fields.at(-2);
    const text = (node: Node | undefined): unknown => (isNode(node?.['String']) ? node['String']['sval'] : undefined);
    if (last?.['A_Star'] !== undefined) found ||= before === undefined || names.includes(String(text(before)));
    else if (fields.length === 1) found ||= names.includes(String(text(last)));
  });
  return found;
}
