import type { IndexRemoval } from '../../contract/plan/removal';
import { shortName } from '../../contract/text/object-name';
import { hiddenTable } from '../hidden-name';
import { qualifiedName, quoteIdentifier } from '../identifier';
import type { Statement } from '../statement';
import type { SqlKind } from './kind';

/**
 * An index of a table that stays. (Not `index.ts`, which tools take for the folder.) No server from 15 to 18 can hide one from
 * every session's planner: a new name is all there is, and the server goes on using it. So who still needs it is not refused but
 * counted. See docs/decisions/32-an-index-is-watched.md.
 */
export const oneIndex: SqlKind<IndexRemoval> = {
  hidden: (removal) => ({ ...removal, index: hiddenTable(removal.index) }),
  namingLock: 'share update exclusive',
  hide: (removal) => [
    {
      sql: rename(removal, oneIndex.hidden(removal)),
      why: `Statements that name ${shownName(removal)} fail; those that only read it do not, and are counted`,
    },
  ],
  unhide: (all) => all.map(unhideOne),
  undoRemoval: (all) => all.map(unhideOne),
  drop: (all) => [
    {
      sql: `drop index ${all.map((removal) => nameOf(oneIndex.hidden(removal))).join(', ')}`,
      why: `Removes ${all.map(shownName).join(' and ')}; no value is removed with it`,
    },
  ],
  // Also one that is not finished: a build that broke off leaves an invalid one.
  dropRestored: (all) => [
    {
      sql: `drop index if exists ${all.map(nameOf).join(', ')}`,
      why: `${all.map(shownName).join(' and ')} built again`,
    },
  ],
};

const nameOf = ({ schema, index }: IndexRemoval): string => qualifiedName({ schema, table: index });

const shownName = ({ schema, index }: IndexRemoval): string => shortName({ schema, table: index });

const rename = (from: IndexRemoval, to: IndexRemoval): string =>
  `alter index ${nameOf(from)} rename to ${quoteIdentifier(to.index)}`;

const unhideOne = (removal: IndexRemoval): Statement => ({
  sql: rename(oneIndex.hidden(removal), removal),
  why: `${shownName(removal)} has its name again`,
});
