import { addColumn, type Column, type Making, type Table } from './making';
import { pointAt } from './make-rows';
import { quoted } from './names';

/** Foreign keys of all actions and match types. Returns the column that points. */
export function makeForeignKey(
  making: Making,
  from: Table,
  to: Table,
  { actions = true }: { actions?: boolean } = {},
): Column | undefined {
  const { draw } = making;
  const [key] = to.key;
  if (key?.type.distinct === undefined || to.key.length !== 1 || to.hasDeferrableKey === true) return undefined;
  if (to.kind === 'unlogged' && from.kind !== 'unlogged') return undefined; // the server refuses it
  const column = addColumn(making, from, key.type, { name: making.name(), features: ['column of a foreign key'] });
  pointAt(making, column, to);
  const act = (): string =>
    draw.pick(['', ' on delete cascade', ' on delete set null', ' on delete restrict', ' on update cascade']);
  const action = actions ? act() : '';
  const match = draw.chance(0.2) ? ' match full' : '';
  const time = draw.pick(['', '', ' deferrable', ' deferrable initially deferred']);
  const valid = draw.weighted([
    [12, ''],
    [2, ' not valid'],
    [1, ' not enforced'],
  ] as const);
  const grant = `grant references on ${to.sql} to ${quoted(from.owner)}`;
  making.say({
    feature: [
      ...['foreign key', ...(action ? [`foreign key${action}`] : []), ...(match ? ['foreign key match full'] : [])],
      ...[...(time ? ['foreign key, deferrable'] : []), ...(valid ? [`foreign key,${valid}`] : [])],
    ],
    ...{
      at: 'foreign keys',
      needs: [from.id, to.id, column.id, `key of ${to.id}`],
      server: valid === ' not enforced' ? { ...key.type.server, atLeast: 18 } : key.type.server,
    },
    sql: `${from.owner === to.owner ? '' : `${grant}; `}alter table ${from.sql} add constraint ${quoted(making.name())} foreign key (${quoted(column.name)}) references ${to.sql} (${quoted(key.name)})${match}${action}${time}${valid}`,
  });
  return column;
}
