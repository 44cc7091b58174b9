import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { findDependents } from '../../adapters/dependents/column-dependents';
import type { Dependent } from '../../adapters/dependents/column-dependents';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { dependentRemedy } from './dependent-remedy';
import { mayBeHarmless } from '../environment/remedies';

/** What only a rollout of ours leaves behind, when nobody was left to put it back. */
export const leftOver =
  'a rollout that has ended left it so: start the workflow "rollback" for that one (production), or run the statements ' +
  '"Undo" that "npx rubicon plan show" prints';

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
  const none = finding(`what depends on ${column}`, true, {
    expected: 'nothing but what is restored with it',
    found: 'nothing else',
    remedy: '',
  });
  const found: Finding[] = leaning.length === 0 ? [none] : [];
  for (const each of leaning.sort(inOrder)) found.push(await leans(client, each, column));
  return [...found, ...rightsOn(column, grants)];
}

/** What the table inherits comes first: a part of the rest goes with it, or stands at the parent. */
const inOrder = (a: Dependent, b: Dependent): number =>
  Number(b.kind === 'inherited column') - Number(a.kind === 'inherited column');

async function leans(client: PostgresClient, dependent: Dependent, column: string): Promise<Finding> {
  const { kind, name, whenRenamed, why, certainty, md5 } = dependent;
  const remedy = await dependentRemedy(client, dependent);
  return finding(`${kind} ${name}`, certainty === 'possible' ? 'possible' : false, {
    expected: `nothing that depends on ${column}`,
    found: [kind === 'default value' ? filled : why, ...whenHidden[whenRenamed]].join('; '),
    ...(name.includes('rubicon_guard_')
      ? { remedy: halfRestored }
      : name.includes('rubicon_freeze_')
        ? { remedy: leftOver }
        : certainty === 'possible'
          ? mayBeHarmless(remedy)
          : remedy),
    ...(md5 !== undefined && { evidence: { md5 } }),
  });
}

const filled =
  'it fills the column for whoever does not name it, which the freeze refuses: no new row could be written';

const whenHidden: Record<Dependent['whenRenamed'], string[]> = {
  follows: ['it stays on the hidden column, so a trial would not tell that someone needs it'],
  refuses: ['the column cannot be hidden there either'],
  breaks: [], // that is why it is in the list
};

/** Whoever got a right on just this column may be reading it. */
function rightsOn(column: string, grants: ColumnCapture['grants']): Finding[] {
  if (grants.length === 0) return [];
  const found = grants.map(({ privilege, grantee }) => `${privilege} for ${grantee}`).join(', ');
  const expected = 'none on the column alone';
  const remedy =
    'ask whether they still use the column; the rights are dropped with it, and a rollback gives them back to roles that are still there';
  return [{ check: `rights on ${column}`, status: 'not covered', expected, found, remedy }];
}
