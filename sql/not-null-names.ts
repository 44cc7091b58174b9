import { notNullConstraints, type Catalogue } from './captured-catalogue';
import type { TableName } from '../contract/text/object-name';
import { qualifiedName, quoteIdentifier } from './identifier';
import type { Statement } from './statement';

/**
 * Gives the NOT NULL constraints of a table that was made again the names that they had. `pg_dump` leaves out a name that
 * the server would choose, and the server chooses another one where a constraint of another table has it: one of a table
 * that inherited from this one, or the one that a partition was attached to, for example. Nothing for PostgreSQL before 18, where they have no names.
 *
 * @param relation the table's name, as the server prints it
 */
export function notNullNames(
  table: TableName,
  relation: string,
  { captured, present }: { captured: Catalogue; present: Catalogue },
): Statement[] {
  const wanted = new Map(
    notNullConstraints(captured, relation).map(({ name, definition }) => [ruleOf(definition), name]),
  );
  return notNullConstraints(present, relation).flatMap(({ name, definition }) => {
    const was = wanted.get(ruleOf(definition)) ?? name;
    if (was === name) return [];
    const rename = `rename constraint ${quoteIdentifier(name)} to ${quoteIdentifier(was)}`;
    return [{ sql: `alter table ${qualifiedName(table)} ${rename}`, why: 'The name that it had' }];
  });
}

/** A column has one at most. */
const ruleOf = (definition: string): string => definition.replace(/ NOT VALID$/, '');
