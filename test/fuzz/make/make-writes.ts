import { parseOwnName } from '../../../contract/text/object-name';
import type { DatabaseRemoval, Target } from './removals/removal';
import type { Column, Making, Table } from './making';
import { literal, quoted } from './names';
import { pick } from './make-rows';

/**
 * What the application does after the final copy was taken: the freeze refuses whatever the copy would not survive, so
 * each value comes back to the row that has it then.
 */
export function makeWrites(making: Making, { kind, targets }: DatabaseRemoval): void {
  const { draw } = making;
  for (const target of draw.some(targets, 2))
    for (const make of draw.some([changeKey, changeOther, remove, add, touch, empty, choose], 3)) {
      const sql = make(making, target);
      if (sql === undefined) continue;
      const { table } = target;
      making.add({
        ...{ id: `write ${making.parts.length}`, features: [`write after the copy: ${make.name}`, `write: ${kind}`] },
        ...{ needs: [table.id, ...target.needs], write: { sql, as: table.owner } },
        ...serverOf(table.columns),
      });
    }
}

const serverOf = (columns: readonly Column[]) => {
  const server = columns.map(({ type }) => type.server).find((need) => need !== undefined);
  return server === undefined ? {} : { server };
};

/** In another case, with a blank, by another scale: what some equality takes for the same. */
function changeKey(making: Making, { table }: Target): string | undefined {
  const [key] = table.key;
  if (key === undefined) return undefined;
  const name = quoted(key.name);
  const type = key.type.sql.split(' collate ')[0];
  const value = key.type.textual
    ? making.draw.pick([`upper(${name}::text)`, `initcap(${name}::text)`, `${name}::text || ' '`])
    : ['numeric', 'double precision', 'integer', 'bigint', 'smallint'].includes(key.type.name)
      ? making.draw.pick([`${name} * 1.0`, `${name} + 1000`])
      : undefined;
  return value && `update ${table.sql} set ${name} = (${value})::${type} where ${oneRow(making, table)}`;
}

/** A row becomes one that goes, or one that stays. */
function choose(making: Making, { table, entry }: Target): string | undefined {
  const [name] = Object.keys(entry.where ?? {}).map(parseOwnName);
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) return undefined;
  const value = making.draw.chance(0.6)
    ? literal(Object.values(entry.where ?? {})[0] ?? '')
    : making.draw.pick(column.type.odd);
  return `update ${table.sql} set ${quoted(column.name)} = ${value} where ${oneRow(making, table)}`;
}

/** Some other column, of a few rows. */
function changeOther(making: Making, { table, column }: Target): string | undefined {
  const others = table.columns.filter(
    (each) =>
      each !== column && !each.generated && !table.key.includes(each) && each.values === undefined && !each.isUnique,
  );
  if (others.length === 0) return undefined;
  const other = making.draw.pick(others);
  return `update ${table.sql} set ${quoted(other.name)} = ${making.draw.pick(other.type.odd)} where ${oneRow(making, table)}`;
}

const remove = (making: Making, { table }: Target): string => `delete from ${table.sql} where ${oneRow(making, table)}`;

/** A row that the new release writes, which does not know what goes. */
function add(making: Making, { table, column, entry }: Target): string | undefined {
  if (column === undefined || entry.replacedBy !== undefined) return undefined;
  const columns = table.columns.filter((each) => each !== column && !each.generated && (each.isUnique || each.notNull));
  const values = columns.map((each) => (each.isUnique ? (each.type.distinct?.(500) ?? 'null') : pick(making, each)));
  if (columns.length === 0) return undefined;
  return `insert into ${table.sql} (${columns.map(({ name }) => quoted(name)).join(', ')}) overriding system value values (${values.join(', ')})`;
}

/** Each row is written anew, with the values that it has. */
function touch(making: Making, { table }: Target): string | undefined {
  const column = table.key[0] ?? table.columns.find(({ generated }) => !generated);
  return column && `update ${table.sql} set ${quoted(column.name)} = ${quoted(column.name)}`;
}

const empty = (_: Making, { table }: Target): string => `truncate ${table.sql}`;

function oneRow({ draw }: Making, table: Table): string {
  const [key] = table.key;
  const value = key?.type.distinct?.(draw.int(1, Math.max(1, table.rows)));
  return key === undefined || value === undefined ? 'true' : `${quoted(key.name)} = ${value}`;
}
