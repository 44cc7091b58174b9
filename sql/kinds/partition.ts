import { shortName } from '../../contract/text/object-name';
import { placeOf } from '../../contract/plan/places';
import type { PartitionRemoval } from '../../contract/plan/removal';
import { hiddenTable } from '../hidden-name';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../identifier';
import { attach, detachConcurrently, forgetBound, noteBound, validateBound } from '../partition-bound';
import { forecastTables } from '../refill-table';
import type { Statement } from '../statement';
import { alwaysOn, endFreeze } from './freeze-trigger';
import type { ValueSqlKind } from './kind';

/**
 * A partition that goes with all its rows. It is hidden in two steps: a new name, in one transaction, and then it is
 * detached, so that queries of the partitioned table have its rows no more and rows of its values find no place. Attached
 * again it is the partition that it was: the server matches its columns, indexes, constraints and triggers with those above.
 */
export const partition: ValueSqlKind<PartitionRemoval> = {
  hidden: (removal) => ({ ...removal, table: hiddenTable(removal.table) }),
  // Hidden is what has the other name and is detached, too.
  find: (removal) =>
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace ` +
    `where n.nspname = ${quoteLiteral(removal.schema)} and c.relkind in ('r', 'p') and (c.relname = ${quoteLiteral(removal.table)} ` +
    `or (c.relname = ${quoteLiteral(hiddenTable(removal.table))} and c.relispartition))) as yes`,
  freezeTriggers: () => Object.values(triggers),
  movesWithTable: true,
  freeze: (removal, id) => [
    refuse(removal, { name: triggers.rows, events: 'insert or update or delete', each: 'row' }),
    ...alwaysOn(removal, id, triggers.rows),
    refuse(removal, { name: triggers.truncate, events: 'truncate', each: 'statement' }),
    ...alwaysOn(removal, id, triggers.truncate),
  ],
  hide: (removal) => [
    noteBound(placeOf(removal)),
    {
      sql: `alter table ${qualifiedName(removal)} rename to ${quoteIdentifier(hiddenTable(removal.table))}`,
      why: `Anyone who still names ${shortName(removal)} itself notices now`,
    },
  ],
  moveOut: (all) =>
    all.flatMap((removal) => [
      validateBound(hiddenPlace(removal)),
      detachConcurrently(removal.of, hiddenPlace(removal)),
    ]),
  unhide: (all) => all.flatMap(unhideOne),
  undoRemoval: (all) => [
    ...all.flatMap(unhideOne),
    ...all.flatMap((removal) => endFreeze(removal, Object.values(triggers))),
  ],
  drop: (all) => [
    {
      sql: `drop table ${all.map((removal) => qualifiedName(hiddenPlace(removal))).join(', ')}`,
      why: `Removes ${all.map(shortName).join(' and ')} with rows, indexes and triggers`,
    },
  ],
  dropRestored: (all) => [
    {
      sql: `drop table ${all.map(qualifiedName).join(', ')}`,
      why: `${all.map(shortName).join(' and ')} half restored`,
    },
  ],
  hasValueHidden: () => 'true',
  forecast: () => forecastTables,
};

/** For each row: a statement on the partitioned table runs no statement trigger of its partitions, but for `truncate`. */
const triggers = { rows: 'rubicon_freeze_write', truncate: 'rubicon_freeze_truncate' } as const;

interface Refusing {
  /** Of the trigger. */
  name: string;
  events: string;
  each: 'row' | 'statement';
}

const refuse = (removal: PartitionRemoval, { name, events, each }: Refusing): Statement => ({
  sql:
    `create trigger ${name} before ${events} on ${qualifiedName(removal)} ` +
    `for each ${each} execute function rubicon.refuse_write()`,
  why: `Refuses ${events} of ${shortName(removal)}, whichever table a statement names`,
});

const hiddenPlace = (removal: PartitionRemoval) => placeOf(partition.hidden(removal));

const unhideOne = (removal: PartitionRemoval): Statement[] => [
  attach(removal.of, hiddenPlace(removal)),
  {
    sql: `alter table ${qualifiedName(hiddenPlace(removal))} rename to ${quoteIdentifier(removal.table)}`,
    why: `${shortName(removal)} is there again as it was`,
  },
  forgetBound(placeOf(removal)),
];
