import type { Plan } from '../contract/plan/plan';
import { parseTableName } from '../contract/text/object-name';
import { qualifiedName, quoteLiteral } from './identifier';
import type { Statement } from './statement';

export type Revision = NonNullable<Plan['revision']>;

/** Every row of the migration tool's table: exactly one is right. One column, `revision`. */
export const readRevision = ({ table }: Pick<Revision, 'table'>): string =>
  `select version_num as revision from ${qualifiedName(parseTableName(table))} order by version_num`;

/** To the plan's new revision, from exactly the old one. */
export const revisionForward = (revision: Revision): Statement =>
  step(revision, 'The revision first: if it is wrong, nothing else runs and no table is locked');

/** From whatever a tool has left there. */
export const revisionAgain = ({ table, to }: Revision, found: string): Statement =>
  step({ table, from: found, to }, 'As the change has it, whatever a tool has left');

/** Back to the old revision, from exactly the new one. */
export const revisionBack = ({ table, from, to }: Revision): Statement =>
  step({ table, from: to, to: from }, 'The old release and its migration tool find their own revision again');

const step = ({ table, from, to }: Revision, why: string): Statement => ({
  sql:
    `update ${qualifiedName(parseTableName(table))} set version_num = ${quoteLiteral(to)} ` +
    `where version_num = ${quoteLiteral(from)}`,
  why,
  changes: 1,
});
