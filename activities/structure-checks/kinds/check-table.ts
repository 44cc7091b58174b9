import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { findColumns, findPrimaryKey } from '../../../adapters/catalogue/catalogue';
import { findTableDependents } from '../../../adapters/dependents/table-dependents';
import type { TableDependent } from '../../../adapters/dependents/table-dependents';
import { finding } from '../../../contract/run/findings';
import type { Finding } from '../../../contract/run/findings';
import { shortName, shortTableName, writtenName } from '../../../contract/text/object-name';
import { visible } from '../../../contract/text/plain-text';
import type { TableRemoval, ValueRemoval, WholeTable } from '../../../contract/plan/removal';
import { hiddenTable } from '../../../sql/hidden-name';
import { leftOver } from '../check-dependents';
import { checkInvalidIndexes } from '../check-invalid-indexes';
import { checkRolesToBecome } from '../check-roles-to-become';
import { dependentRemedy } from '../dependent-remedy';
import { mayBeHarmless } from '../../environment/remedies';

/** The table is there, or gone; not hidden. */
export async function checkTableIs(
  client: PostgresClient,
  removal: TableRemoval,
  dropped: boolean,
): Promise<Finding[]> {
  const { schema, table } = removal;
  const isThere = (await findColumns(client, removal)) !== undefined;
  const hidden = hiddenTable(table);
  const isHidden = (await findColumns(client, { schema, table: hidden })) !== undefined;
  return [
    finding(`table ${shortName(removal)}`, isThere !== dropped && !isHidden, {
      expected: dropped ? 'not there' : 'there',
      found: isHidden ? `hidden as ${hidden}` : isThere ? 'there' : 'not there',
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'someone has made it again: ask who, and why'
          : 'correct the plan or the settings, or ask who has removed it',
    }),
  ];
}

/** Whether the table can come back; and what leans on it. */
export async function checkTable(
  client: PostgresClient,
  removal: TableRemoval,
  beingRemoved: readonly TableRemoval[],
): Promise<Finding[]> {
  return [
    await checkPrimaryKey(client, removal),
    ...(await checkInvalidIndexes(client, removal)),
    ...(await checkRolesToBecome(client, removal)),
    ...(await checkTableDependents(client, removal, { beingRemoved })),
  ];
}

/** A row is found again by its primary key. */
export async function checkPrimaryKey(
  client: PostgresClient,
  removal: Pick<ValueRemoval, 'schema' | 'table' | 'primaryKey'>,
): Promise<Finding> {
  const wanted = removal.primaryKey.map((column) => writtenName(column)).sort();
  const found = (await findPrimaryKey(client, removal)).map((column) => writtenName(column)).sort();
  return finding(`rollback by the primary key of ${shortTableName(removal)}`, found.join() === wanted.join(), {
    expected: visible(wanted.join(', ')),
    found: found.length === 0 ? 'none' : visible(found.join(', ')),
    remedy:
      found.length === 0
        ? 'that is beyond this plan: a rollback would not find the rows again; have a primary key made first'
        : `write into the plan: primaryKey: [${found.map(inYaml).join(', ')}]`,
  });
}

/** Text that YAML reads as it is. */
const inYaml = (text: string): string =>
  /^(?!(?:null|true|false)$)[a-z_]\w*$/i.test(text) ? text : JSON.stringify(text);

interface AsideFrom {
  beingRemoved: readonly WholeTable[];
  /** What the kind itself takes care of. Default: nothing. */
  isMeant?: (dependent: TableDependent) => boolean;
}

/** What leans on the table, but for all that goes with it. */
export async function checkTableDependents(
  client: PostgresClient,
  removal: WholeTable,
  { beingRemoved, isMeant = () => false }: AsideFrom,
): Promise<Finding[]> {
  const leaning = (await findTableDependents(client, removal, beingRemoved)).filter((each) => !isMeant(each));
  const findings: Finding[] = [];
  for (const each of leaning) findings.push(await leans(client, each, removal));
  if (findings.length > 0) return findings;
  const found = { expected: 'nothing but what is restored with it', found: 'nothing else', remedy: '' };
  return [finding(`what depends on ${shortName(removal)}`, true, found)];
}

async function leans(client: PostgresClient, dependent: TableDependent, removal: WholeTable): Promise<Finding> {
  const { kind, name, why, certainty, md5 } = dependent;
  const remedy = await dependentRemedy(client, dependent);
  return finding(`${kind} ${name}`, certainty === 'possible' ? 'possible' : false, {
    expected: `nothing that depends on ${shortName(removal)}`,
    found: why,
    ...(certainty === 'possible' ? mayBeHarmless(remedy) : remedy),
    ...(md5 !== undefined && { evidence: { md5 } }),
  });
}
