import type { Column, Making, Table } from './making';
import { quoted } from './names';

/** All forms of a publication, with this table in it. */
export function makePublication(making: Making, table: Table, others: readonly Table[], about?: Column): void {
  const { draw } = making;
  if (table.kind === 'unlogged') return;
  const name = quoted(making.name());
  const withKey = [...new Set([...table.key, ...(about ? [about] : [])])];
  const columns =
    withKey.length > 0 && table.key.length > 0 ? ` (${withKey.map((each) => quoted(each.name)).join(', ')})` : '';
  const [key] = table.key;
  const where = key === undefined || key.type.server !== undefined ? '' : ` where (${quoted(key.name)} is not null)`;
  const other = others.find((each) => each !== table && each.kind === 'plain');
  const more = other === undefined ? '' : `, ${other.sql}`;
  const forms: [string, string][] = [
    ['publication for all tables', 'for all tables'],
    ['publication for a schema', `for tables in schema ${quoted(table.schema)}`],
    ['publication for a table', `for table ${table.sql}`],
    ['publication with a list of columns', `for table ${table.sql}${columns}`],
    ['publication with a condition', `for table ${table.sql}${where}`],
    ['publication for several tables', `for table ${table.sql}${columns}${more}`],
  ];
  const [feature, what] = draw.pick(forms);
  const options = draw.chance(0.3) ? ` with (publish = 'insert')` : '';
  making.say({
    ...{ feature, at: 'publications' },
    needs: [
      table.id,
      ...withKey.map((each) => each.id),
      ...(more && other ? [other.id] : []),
      ...(table.key.length > 0 ? [`key of ${table.id}`] : []),
    ],
    server: withKey.map(({ type }) => type.server).find((need) => need !== undefined),
    sql: `create publication ${name} ${what}${options}`,
  });
}
