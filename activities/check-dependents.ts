import type { PostgresClient } from '../adapters/postgres';
import type { ColumnCapture } from '../adapters/postgres-catalogue';
import { findDependents } from '../adapters/postgres-dependents';
import type { Dependent } from '../adapters/postgres-dependents';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { shortName } from '../contract/object-name';
import type { ColumnRemoval } from '../contract/removals';

/** What only a rollout of ours leaves behind, when nobody was left to put it back. */
export const leftOver =
  'a rollout that has ended left it so: start the workflow "rollback" for that one (production), or run the statements ' +
  '"Put back" that "rubicon plan show" prints';

const halfRestored =
  'a rollback that has ended left it so: start the workflow "rollback" for the same rollout again, which goes on where that ' +
  'one stopped';

/**
 * What would be in the way of hiding or dropping a column, go with it, or fail after either; each with what to do. Rights
 * on the column alone are told and stop nothing: a rollback gives them back.
 */
export async function checkDependents(
  client: PostgresClient,
  removal: ColumnRemoval,
  { grants }: Pick<ColumnCapture, 'grants'>,
): Promise<Finding[]> {
  const column = shortName(removal);
  // The rest comes back by itself, and goes on meanwhile.
  const isHarmless = ({ effect, whenRenamed }: Dependent): boolean =>
    effect === 'restored' && whenRenamed === 'follows';
  const leaning = (await findDependents(client, removal, removal.column)).filter((each) => !isHarmless(each));
  const none = finding(`what leans on ${column}`, true, {
    expected: 'nothing but what is restored with it',
    found: 'nothing else',
    remedy: '',
  });
  const found = leaning.length === 0 ? [none] : leaning.map((each) => leans(each, column));
  return [...found, ...rightsOn(column, grants)];
}

/** What to do about each kind of thing, in a migration of its own. */
const remedies: Record<string, string> = {
  view: 'drop it, or drop it and create it anew without the column ("create or replace view" takes no column away)',
  'materialized view': 'drop it, or drop it and create it anew without the column',
  rule: 'drop it, or create it anew without the column',
  trigger: 'drop it, or create it anew so that columns, condition and arguments do without the column',
  policy: 'drop it, or "alter policy" it so that it does without the column',
  'generated column': 'drop it, or "alter table … alter column … drop expression", which keeps what is in it',
  'default value': '"alter table … alter column … drop default"',
  function: '"create or replace" it so that it does without the column, or drop it if nobody calls it',
  subscription: 'have it end, or its publisher do without the column first',
  'not null': '"alter table … alter column … drop not null"',
  'table constraint': '"alter table … drop constraint", and add it anew without the column if somebody needs it',
  'statistics object': '"drop statistics", and create them anew without the column if a query needs them',
  'partition key': 'such a table has to be built anew with another key: that is beyond this plan',
  'inherited column': 'name the column of the parent table in the plan instead',
  'child table': 'detach it ("alter table … no inherit"), or wait for a plan that covers it',
  'security label': '"security label … is null" if nobody needs it',
};

function leans({ kind, name, effect, whenRenamed, why, certainty, md5 }: Dependent, column: string): Finding {
  const remedy = remedies[kind] ?? (effect === 'breaks' ? 'change it so that it does without the column' : 'drop it');
  return finding(`${kind} ${name}`, certainty === 'possible' ? 'possible' : false, {
    expected: `nothing that leans on ${column}`,
    found: [kind === 'default value' ? filled : why, ...whenHidden[whenRenamed]].join('; '),
    remedy: name.includes('rubicon_guard_')
      ? halfRestored
      : name.includes('rubicon_freeze_')
        ? leftOver
        : certainty === 'possible'
          ? mayBeHarmless(remedy)
          : `${remedy}, then start the rollout again`,
    ...(md5 !== undefined && { evidence: { md5 } }),
  });
}

/** What a rollout asks about. */
export const mayBeHarmless = (remedy: string): string =>
  `read it: if it is harmless, accept it with the reason; otherwise ${remedy}, then start the rollout again`;

const filled =
  'it fills the column for whoever does not name it, which the freeze refuses: no new row could be written';

const whenHidden: Record<Dependent['whenRenamed'], string[]> = {
  follows: ['it goes on with the hidden column, so a trial would not tell that somebody needs it'],
  refuses: ['the column cannot be hidden there either'],
  breaks: [], // that is why it is in the list
};

/** Whoever got a right on just this column may be reading it. */
function rightsOn(column: string, grants: ColumnCapture['grants']): Finding[] {
  if (grants.length === 0) return [];
  const found = grants.map(({ privilege, grantee }) => `${privilege} for ${grantee}`).join(', ');
  const expected = 'none on the column alone';
  const remedy =
    'ask whether they still use the column; the rights go with it, and a rollback gives them back to roles that are still there';
  return [{ check: `rights on ${column}`, status: 'not covered', expected, found, remedy }];
}
