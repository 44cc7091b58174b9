import type { RowsRemoval } from '../contract/removals';
import { quoteIdentifier, quoteLiteral } from './identifier';

/** True for a row that goes. `of`: name of the row in the statement, with its dot. */
export const goes = ({ where }: Pick<RowsRemoval, 'where'>, of = ''): string =>
  Object.entries(where)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([column, value]) => `${of}${quoteIdentifier(column)} = ${quoteLiteral(value)}`)
    .join(' and ');
