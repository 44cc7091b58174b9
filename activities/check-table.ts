import type { PostgresClient } from '../adapters/postgres';
import { findColumns, findPrimaryKey } from '../adapters/postgres-catalogue';
import { findTableDependents } from '../adapters/table-dependents';
import type { TableDependent } from '../adapters/table-dependents';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { Removal, TableRemoval } from '../contract/removals';
import { hiddenTable } from '../sql/whole-table';
import { leftOver } from './check-dependents';

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
    finding(`table ${nameOf(removal)}`, isThere !== dropped && !isHidden, {
      expected: dropped ? 'not there' : 'there',
      found: isHidden ? `hidden as ${hidden}` : isThere ? 'there' : 'not there',
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'somebody has made it again: ask who, and why'
          : 'correct the plan or the settings, or ask who has removed it',
    }),
  ];
}

/** Whether the table can come back; and what leans on it. */
export async function checkTable(
  client: PostgresClient,
  removal: TableRemoval,
  going: readonly Removal[],
): Promise<Finding[]> {
  return [await checkPrimaryKey(client, removal), ...(await checkTableDependents(client, removal, going))];
}

/** A row is found again by its primary key. */
export async function checkPrimaryKey(
  client: PostgresClient,
  removal: Pick<Removal, 'schema' | 'table' | 'primaryKey'>,
): Promise<Finding> {
  const wanted = [...removal.primaryKey].sort();
  const found = (await findPrimaryKey(client, removal)).sort();
  return finding(`way back by the primary key of ${removal.table}`, found.join() === wanted.join(), {
    expected: wanted.join(', '),
    found: found.length === 0 ? 'none' : found.join(', '),
    remedy:
      found.length === 0
        ? 'a rollback would not find the rows again: have a primary key made first'
        : `write into the plan: primaryKey: [${found.join(', ')}]`,
  });
}

async function checkTableDependents(
  client: PostgresClient,
  removal: TableRemoval,
  going: readonly Removal[],
): Promise<Finding[]> {
  const leaning = await findTableDependents(client, removal, going);
  if (leaning.length > 0) return leaning.map((each) => leans(each, removal));
  const found = { expected: 'nothing but what is restored with it', found: 'nothing else', remedy: '' };
  return [finding(`what leans on ${nameOf(removal)}`, true, found)];
}

const remedies: Record<string, string> = {
  'table constraint':
    '"alter table … drop constraint" in a migration of its own, or name its table in the plan, if that goes, too',
  'foreign key': '"alter table … drop constraint" in a migration of its own: nobody needs it on a table that goes',
  function: '"create or replace" it so that it does without the table, or drop it if nobody calls it',
  publication: 'take the table out of it ("alter publication … drop table"), once its subscribers do without',
  subscription: 'have it end, or its publisher do without the table first',
  'event trigger': '"alter event trigger … disable" while the rollout changes this database, or drop it',
  'partitioned table': 'name its partitions one by one, after "alter table … detach partition"',
  partition: '"alter table … detach partition" first',
  'parent table': '"alter table … no inherit" first',
  'child table': '"alter table … no inherit" first, or name it in a plan of its own',
};

const leans = ({ kind, name, why }: TableDependent, removal: TableRemoval): Finding =>
  finding(`${kind} ${name}`, false, {
    expected: `nothing that leans on ${nameOf(removal)}`,
    found: why,
    remedy: `${remedies[kind] ?? 'drop it, or change it so that it does without the table'}, then start the rollout again`,
  });

const nameOf = ({ schema, table }: TableRemoval): string => (schema === 'public' ? table : `${schema}.${table}`);
