import type { Making, Table } from './making';
import { makeTable } from './make-tables';
import { quoted } from './names';

/** A partitioned table by list, range or hash, with a default or parts of parts; its rows are wherever they belong. */
export function makePartitioned(making: Making): Table {
  const { draw } = making;
  const table = makeTable(making, { key: ['integer'], kind: 'partitioned', schema: 'public', columns: 3, rows: 6 });
  const part = making.parts.find(({ id }) => id === table.id);
  const [key] = table.key;
  if (part?.table === undefined || key === undefined) return table;
  const name = quoted(key.name);
  const by = draw.pick(['range', 'list', 'hash'] as const);
  Object.assign(part, {
    features: [`partitioned by ${by}`],
    needs: [...part.needs],
    table: { ...part.table, suffix: ` partition by ${by} (${name})` },
  });
  const of = (bounds: string, suffix = ''): string =>
    `create table public.${quoted(making.name())} partition of ${table.sql} ${bounds}${suffix}`;
  const say = (feature: string, sql: string, needs: string[] = []): string =>
    making.say({ feature, at: 'partitions', sql, as: table.owner, needs: [table.id, key.id, ...needs] });
  if (by === 'range') {
    say('partition', of('for values from (minvalue) to (10)'));
    const sub = quoted(making.name());
    const first = say(
      'partition with partitions',
      `create table public.${sub} partition of ${table.sql} for values from (10) to (20) partition by hash (${name})`,
    );
    say(
      'partition',
      `create table public.${quoted(making.name())} partition of public.${sub} for values with (modulus 1, remainder 0)`,
      [first],
    );
    say('default partition', of('default'));
  } else if (by === 'list') {
    say('partition', of('for values in (1, 2, 3)'));
    say('default partition', of('default'));
  } else {
    say('partition', of('for values with (modulus 2, remainder 0)'));
    say('partition', of('for values with (modulus 2, remainder 1)'));
  }
  return table;
}

/** A child of another table, with a column of its own and rows that the parent shows. */
export function makeChild(making: Making, parent: Table): void {
  if (parent.isAttached === true) return; // the server attaches no table that has a child
  const name = quoted(making.name());
  const sql = `create table public.${name} (extra int) inherits (${parent.sql})`;
  const all = parent.columns.map(({ id }) => id);
  making.say({ feature: 'inheritance', at: 'partitions', sql, as: parent.owner, needs: [parent.id, ...all] });
}
