import { addColumn, type Making, type Table } from './making';
import { quoted } from './names';
import { typeNamed } from './types';

/** Sequences of all shapes: descending, cycling, cached, owned by a column or by nobody, shared, moved, never called. */
export function makeSequence(making: Making, table: Table, other?: Table): void {
  const { draw } = making;
  const [of, type, value] = draw.weighted<readonly [string, string, (sequence: string) => string]>([
    [3, ['int', 'integer', (s) => `nextval('${s}')`]],
    [2, ['bigint', 'bigint', (s) => `nextval('${s}')`]],
    [1, ['smallint', 'smallint', (s) => `nextval('${s}')`]],
    [1, ['bigint', 'text', (s) => `'TCK-' || lpad(nextval('${s}')::text, 6, '0')`]],
    [1, ['bigint', 'numeric(19,0)', (s) => `nextval('${s}')`]],
  ]);
  const shape = draw.pick([
    ...[
      '',
      ' increment 3',
      ' increment -2 minvalue -30000 maxvalue 7 start 7',
      ' cycle minvalue 1 maxvalue 5',
      ' cache 10 start 50',
    ],
    ' minvalue -10 start 0',
  ]);
  const name = `${quoted(table.schema)}.${quoted(making.name())}`;
  const as = table.owner;
  const sequence = making.say({
    ...{
      feature: ['sequence', ...(shape ? [`sequence:${shape.split(/\d/)[0]}`] : [])],
      at: 'sequences',
      as,
      needs: table.schema === 'public' ? [] : [`schema ${table.schema}`],
    },
    sql: `create sequence ${name} as ${of}${shape}`,
  });
  const given = (to: Table): string => {
    const text = value(name.replaceAll("'", "''"));
    const column = addColumn(making, to, typeNamed(type), {
      name: making.name(),
      rest: ` default ${text}`,
      isIndexed: true,
      features: [`sequence for ${type}`],
    });
    const part = making.parts.find(({ id }) => id === column.id);
    if (part !== undefined) Object.assign(part, { needs: [...part.needs, sequence] });
    column.values = (row, values) => (values.chance(0.3) ? (column.type.distinct?.(row) ?? 'default') : 'default');
    return column.name;
  };
  const column = given(table);
  const isOwned = draw.chance(0.6);
  const columnId = `${table.id}.${column}`;
  if (isOwned)
    making.say({
      feature: 'sequence owned by a column',
      at: 'after the rows',
      as,
      sql: `alter sequence ${name} owned by ${table.sql}.${quoted(column)}`,
      needs: [sequence, columnId],
    });
  if (other !== undefined && other.owner === table.owner && draw.chance(0.25)) {
    given(other);
    const last = making.parts.find(({ id }) => id === `${other.id}.${other.columns.at(-1)?.name}`);
    if (last !== undefined) Object.assign(last, { features: [...last.features, 'sequence of two tables'] });
  }
  if (draw.chance(0.3) && shape === '')
    making.say({
      feature: 'sequence beyond its rows',
      at: 'moved sequences',
      sql: `select setval('${name.replaceAll("'", "''")}', 9999, ${draw.chance(0.5)})`,
      needs: [sequence],
    });
  if (draw.chance(0.2))
    making.say({
      feature: 'right on a sequence',
      at: 'rights',
      as,
      sql: `grant usage, select on sequence ${name} to fuzz_reader`,
      needs: [sequence],
    });
  if (draw.chance(0.2))
    making.say({
      feature: 'comment on a sequence',
      at: 'comments',
      sql: `comment on sequence ${name} is 'it''s'`,
      needs: [sequence],
    });
}
