import { writtenName, writtenShort } from '../../../../contract/text/object-name';
import type { DatabaseRemoval } from './removal';
import { makeTable } from '../make-tables';
import type { Making, Table } from '../making';
import { quoted } from '../names';

/** Without a single number, which may be an identity: a table with one of its own can't be attached since PostgreSQL 17. */
const keys = [
  ...[
    ['integer', 'text'],
    ['smallint', 'timestamptz', 'varchar(40)'],
    ['bigint', 'uuid'],
  ],
  ...[['text'], ['uuid'], ['citext'], ['numeric'], ['char(8)'], ['double precision'], ['text of a collation']],
];

/** Tables with whatever a table can have, each attached to a partitioned one in the end. */
export function partitions(making: Making): DatabaseRemoval {
  const { draw } = making;
  const made = Array.from({ length: draw.int(1, 2) }, () => makeTable(making, { key: draw.pick(keys), kind: 'plain' }));
  return {
    kind: 'partitions',
    targets: made.map((table) => {
      const name = making.name();
      const above = attachTo(making, table, name);
      const entry = {
        partition: writtenShort({ schema: table.schema, table: table.name }),
        of: writtenShort({ schema: table.schema, table: name }),
        primaryKey: table.key.map((column) => writtenName(column.name)),
      };
      return { table, entry, needs: [table.id, `key of ${table.id}`, above] };
    }),
  };
}

/** Once it has rows, constraints and indexes of its own. */
function attachTo(making: Making, table: Table, name: string): string {
  const { draw } = making;
  table.isAttached = true;
  const above = `${quoted(table.schema)}.${quoted(name)}`;
  const [first] = table.key;
  const by = quoted(first?.name ?? '');
  const isNumber = ['integer', 'bigint', 'smallint'].includes(first?.type.name ?? '');
  const end = isNumber && draw.chance(0.5) ? '(30000)' : '(maxvalue)';
  const key = table.key.map((column) => quoted(column.name)).join(', ');
  const also = [
    ...(table.hasDeferrableKey !== true && draw.chance(0.5) ? [`alter table ${above} add primary key (${key})`] : []),
    ...(draw.chance(0.5) ? [`create index on ${above} (${by})`] : []),
    ...(draw.chance(0.4)
      ? [
          `create trigger above before update on ${above} for each row execute function suppress_redundant_updates_trigger()`,
        ]
      : []),
  ];
  const others = [
    ...(draw.chance(0.3)
      ? [`create table ${quoted(table.schema)}.${quoted(making.name())} partition of ${above} default`]
      : []),
    ...(end === '(30000)' && draw.chance(0.5)
      ? [
          `create table ${quoted(table.schema)}.${quoted(making.name())} partition of ${above} for values from (30000) to (maxvalue)`,
        ]
      : []),
  ];
  return making.say({
    feature: ['partition that is removed', ...(others.length > 1 ? ['beside others'] : [])],
    ...{ at: 'settings', as: table.owner, needs: [table.id, `key of ${table.id}`, ...table.key.map(({ id }) => id)] },
    sql: [
      `create table ${above} (like ${table.sql} including defaults including generated including storage) partition by range (${by})`,
      ...also,
      `alter table ${above} attach partition ${table.sql} for values from (minvalue) to ${end}`,
      ...others,
    ].join('; '),
  });
}
