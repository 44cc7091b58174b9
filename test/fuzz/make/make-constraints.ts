import type { Column, Making, Table } from './making';
import { commentText } from './make-tables';
import { quoted } from './names';
import type { ServerNeed, Stage } from './parts';

/** A constraint of a table, with what it needs. The name is drawn. */
interface Wanted {
  feature: string;
  columns: readonly Column[];
  sql: string;
  at?: Stage;
  server?: ServerNeed | undefined;
  needs?: readonly string[];
}

const list = (columns: readonly Column[]): string => columns.map(({ name }) => quoted(name)).join(', ');

/** Makes columns unique, before their rows are drawn. `about`: a column that one of them must name. */
export function makeConstraints(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  for (const make of draw.some(
    [unique, uniquePair, check, clockCheck, notValidCheck, exclusion, notEnforced, notNull],
    2,
  )) {
    const wanted = make(making, table, about);
    if (wanted !== undefined) addConstraint(making, table, wanted);
  }
}

function addConstraint(making: Making, table: Table, wanted: Wanted): void {
  const { draw } = making;
  const name = quoted(making.name());
  const { feature, columns, sql, at = 'constraints', needs = [] } = wanted;
  const server = wanted.server ?? columns.map(({ type }) => type.server).find((need) => need !== undefined);
  const id = making.say({
    ...{ feature, at, as: table.owner, needs: [table.id, ...columns.map((each) => each.id), ...needs], server },
    sql: `alter table ${table.sql} add constraint ${name} ${sql}`,
  });
  if (!draw.chance(0.3)) return;
  const comment = `comment on constraint ${name} on ${table.sql} is ${commentText(making)}`;
  making.say({ feature: 'comment on a constraint', at: 'comments', sql: comment, needs: [id], server });
}

const deferral = ({ draw }: Making): [string, string] =>
  draw.weighted([
    [3, ['', '']],
    [1, [' deferrable', ', deferrable']],
    [1, [' deferrable initially deferred', ', deferrable']],
  ] as const);

/** Free to be made unique: nothing else says what its values are. */
const free = ({ columns }: Table): Column[] =>
  columns.filter(
    (each) => !each.generated && !each.values && each.type.distinct && each.type.indexes.includes('btree'),
  );

function unique(making: Making, table: Table, about?: Column): Wanted | undefined {
  const candidates = free(table).filter((each) => about === undefined || each === about);
  if (candidates.length === 0) return undefined;
  const column = making.draw.pick(candidates);
  Object.assign(column, { isUnique: true, isIndexed: true });
  const [words, feature] = deferral(making);
  const nulls = making.draw.chance(0.25) ? ' nulls not distinct' : '';
  const include = table.key[0] !== undefined && making.draw.chance(0.25) ? ` include (${list([table.key[0]])})` : '';
  return {
    feature: `unique constraint${feature}${nulls && ', nulls not distinct'}${include && ', covering'}`,
    columns: [column, ...(include ? [table.key[0]!] : [])],
    sql: `unique${nulls} (${list([column])})${include}${words}`,
  };
}

function uniquePair(making: Making, table: Table, about?: Column): Wanted | undefined {
  const [first] = table.key.length === 1 ? table.key : [];
  const others = table.columns.filter(
    (each) => !each.generated && each !== first && each.type.indexes.includes('btree') && !each.values,
  );
  if (first === undefined || others.length === 0) return undefined;
  const second = about !== undefined && others.includes(about) ? about : making.draw.pick(others);
  second.isIndexed = true;
  const [words, feature] = deferral(making);
  const columns = [first, second];
  return { feature: `unique constraint of two columns${feature}`, columns, sql: `unique (${list(columns)})${words}` };
}

function check(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = about ?? making.draw.pick(table.columns);
  const name = quoted(column.name);
  const condition = column.type.textual
    ? `octet_length(${name}::text) >= 0`
    : `${name} is null or ${name}::text <> '?'`;
  const inherit = making.draw.chance(0.2) ? ' no inherit' : '';
  return { feature: 'check constraint', columns: [column], sql: `check (${condition})${inherit}` };
}

/** True when it was made, and not any more: time goes on. */
function clockCheck(making: Making, table: Table, about?: Column): Wanted | undefined {
  if (about !== undefined) return undefined;
  const column = table.columns.find(({ type }) => ['timestamptz', 'date'].includes(type.name));
  if (column === undefined) return undefined;
  const clock = (then: string): string =>
    `create or replace function "types".clock() returns timestamptz language sql stable as $$ select ${then} $$`;
  const early = "timestamptz '4713-01-01 BC'";
  const made = making.add({
    id: 'clock',
    statements: [
      {
        at: 'types',
        sql: `create schema if not exists "types"; grant usage on schema "types" to public; ${clock(early)}`,
      },
      { at: 'views', sql: clock("timestamptz '2021-01-01'") },
    ],
  });
  const name = quoted(column.name);
  const sql = `check (${name} is null or ${name} = '-infinity' or ${name} >= "types".clock())`;
  return { feature: 'check of the clock', columns: [column], sql, needs: [made] };
}

function notValidCheck(making: Making, table: Table, about?: Column): Wanted {
  const column = about ?? making.draw.pick(table.columns);
  return { feature: 'check, not valid', columns: [column], sql: `check (${quoted(column.name)} is null) not valid` };
}

function notEnforced(making: Making, table: Table, about?: Column): Wanted {
  const column = about ?? making.draw.pick(table.columns);
  const sql = `check (${quoted(column.name)} is null) not enforced`;
  return { feature: 'check, not enforced', columns: [column], sql, server: { atLeast: 18 } };
}

/** Since 18 a constraint of its own, which can have a name and be not valid. */
function notNull(making: Making, table: Table, about?: Column): Wanted | undefined {
  if (about !== undefined || table.isAttached === true) return undefined;
  const column = making.draw.pick(table.columns);
  if (column.notNull || column.generated) return undefined;
  const sql = `not null ${quoted(column.name)} not valid`;
  return { feature: 'not null, not valid', columns: [column], sql, server: { atLeast: 18 } };
}

function exclusion(making: Making, table: Table, about?: Column): Wanted | undefined {
  const columns = table.columns.filter((each) => each.type.name === 'int4range' && !each.values);
  const [range] = columns;
  if (range === undefined || (about !== undefined && about !== range)) return undefined;
  range.isUnique = true;
  const [words, feature] = deferral(making);
  return {
    feature: `exclusion constraint${feature}`,
    columns: [range],
    sql: `exclude using gist (${quoted(range.name)} with &&) where (${quoted(range.name)} is not null)${words}`,
  };
}
