/** A table by its schema and its name, neither quoted. */
export interface TableName {
  schema: string;
  table: string;
}

/** A table's name quoted for SQL; `pg_dump` takes the same as a pattern that matches nothing else. */
export function sqlName({ schema, table }: TableName): string {
  return [schema, table].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}
