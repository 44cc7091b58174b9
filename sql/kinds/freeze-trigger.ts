import type { ValueRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../identifier';
import type { Statement } from '../statement';

/** Begins the comment on each trigger; the rest is the freeze's id. */
export const commentStart = 'rubicon freeze ';

/** What a trigger of a freeze needs, however it was made. */
export function alwaysOn(removal: ValueRemoval, id: string, name: string): Statement[] {
  const table = qualifiedName(removal);
  const quoted = quoteIdentifier(name);
  return [
    {
      sql: `alter table ${table} enable always trigger ${quoted}`,
      why: 'Also for a session in replica mode',
    },
    {
      sql: `comment on trigger ${quoted} on ${table} is ${quoteLiteral(commentStart + id)}`,
      why: 'Whose freeze it is',
    },
  ];
}

/** Nothing happens where there is none. */
export const endFreeze = (removal: ValueRemoval, triggers: readonly string[]): Statement[] =>
  triggers.map((name) => ({
    sql: `drop trigger if exists ${quoteIdentifier(name)} on ${qualifiedName(removal)}`,
    why: 'Ends the freeze',
  }));
