import type { TableName } from '../../adapters/postgres/sql-name';
import { withValues } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { parseTableName, writtenName } from '../../contract/text/object-name';
import type { Environment } from '../environment/environment';

/** Whose rows a backup holds. */
export interface BackupScope {
  /** Undefined: all of the database. */
  tables?: TableName[];
  /** Tables of the plan that the settings leave out, `schema.table`: such a backup is no way back. */
  missing: string[];
}

/** What the settings want of the plan's tables, or of others. */
export function scopeOfBackup(
  { backupScope = 'database' }: Environment,
  plan: Pick<Plan, 'removes' | 'revision'>,
): BackupScope {
  if (backupScope === 'database') return { missing: [] };
  const needed = distinct(withValues(plan));
  if (backupScope === 'tables') {
    const revision = plan.revision === undefined ? [] : [parseTableName(plan.revision.table)];
    return { tables: distinct([...needed, ...revision]), missing: [] };
  }
  const tables = distinct(backupScope.map(parseTableName));
  const names = new Set(tables.map(nameOf));
  return { tables, missing: needed.map(nameOf).filter((name) => !names.has(name)) };
}

const nameOf = ({ schema, table }: TableName): string => writtenName(schema, table);

const distinct = (tables: readonly TableName[]): TableName[] => [
  ...new Map(tables.map(({ schema, table }) => [nameOf({ schema, table }), { schema, table }])).values(),
];
