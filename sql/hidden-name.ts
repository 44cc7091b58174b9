import { derivedName } from './derived-name';

/** The name under which a column is out of everybody's sight while it can still be had back in a moment. */
export const hiddenColumn = (column: string): string => derivedName('rubicon_hidden_', column);

/** The same of a table, of one that takes rows of it, and of an index. */
export const hiddenTable = (table: string): string => derivedName('rubicon_hidden_', table);
