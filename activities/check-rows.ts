import type { PostgresClient } from '../adapters/postgres';
import { findColumns } from '../adapters/postgres-catalogue';
import { captureTables } from '../adapters/postgres-structure';
import { findTableDependents } from '../adapters/table-dependents';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { Removal, RowsRemoval } from '../contract/removals';
import { anyThatGoes } from '../sql/some-rows';
import { hiddenTable } from '../sql/whole-table';
import { leftOver } from './check-dependents';
import { checkPrimaryKey } from './check-table';
import { findOrphans } from './orphans';

/** The rows are there, or gone; not hidden. */
export async function checkRowsAre(client: PostgresClient, removal: RowsRemoval, dropped: boolean): Promise<Finding[]> {
  const { schema, table } = removal;
  const name = `rows of ${table} that go`;
  const columns = await findColumns(client, removal);
  const missing = Object.keys(removal.where).filter((column) => columns?.includes(column) !== true);
  if (columns === undefined || missing.length > 0) {
    const found = columns === undefined ? 'no such table' : `no column ${missing.join(', ')}`;
    const remedy = 'correct the plan or the settings: this is another database, or another schema';
    return [
      finding(name, false, { expected: `${table} with ${Object.keys(removal.where).join(', ')}`, found, remedy }),
    ];
  }
  const hidden = hiddenTable(table);
  const isHidden = (await findColumns(client, { schema, table: hidden })) !== undefined;
  const isThere = (await client.query<{ yes: boolean }>(anyThatGoes(removal))).rows[0]?.yes === true;
  return [
    finding(name, isThere !== dropped && !isHidden, {
      expected: dropped ? 'none' : 'at least one',
      found: isHidden ? `hidden in ${hidden}` : isThere ? 'there' : 'none',
      remedy: isHidden
        ? leftOver
        : dropped
          ? 'somebody has written such a row again: ask who, and why'
          : 'correct the condition of the plan, or ask who has deleted them',
    }),
  ];
}

/** Whether they can be moved away and back; and who points at them. */
export async function checkRows(
  client: PostgresClient,
  removal: RowsRemoval,
  going: readonly Removal[],
): Promise<Finding[]> {
  return [
    await checkPrimaryKey(client, removal),
    await checkMoving(client),
    await checkIndex(client, removal),
    ...(await checkPlace(client, removal)),
    ...(await checkPointing(client, removal, going)),
  ];
}

async function checkMoving(client: PostgresClient): Promise<Finding> {
  const sql = `select has_parameter_privilege('session_replication_role', 'set') as may`;
  const may = (await client.query<{ may: boolean }>(sql)).rows[0]?.may === true;
  return finding('right to move rows', may, {
    expected: 'set on session_replication_role',
    found: may ? 'granted' : 'not granted',
    remedy:
      'grant set on parameter session_replication_role to <role of the worker>: without it triggers and foreign keys take a move for a change of the application',
  });
}

/** Every batch looks for the next rows. */
async function checkIndex(client: PostgresClient, removal: RowsRemoval): Promise<Finding> {
  const [capture] = await captureTables(client, [removal]);
  const first = /\((?:"((?:[^"]|"")+)"|(\w+))/;
  const served = capture?.indexes.find(({ definition, valid }) => {
    const [, quoted, plain] = first.exec(definition) ?? [];
    return valid && Object.hasOwn(removal.where, quoted?.replaceAll('""', '"') ?? plain ?? '');
  });
  const check = `index for the rows of ${removal.table}`;
  const expected = `one that begins with ${Object.keys(removal.where).join(' or ')}`;
  if (served !== undefined) return { check, status: 'passed', expected, found: served.name };
  const remedy = 'each batch reads the table from its beginning: have one made if the table is large';
  return { check, status: 'not covered', expected, found: 'none', remedy };
}

/** Rows of partitions and of child tables are elsewhere. */
async function checkPlace(client: PostgresClient, removal: RowsRemoval): Promise<Finding[]> {
  const kinds = ['partitioned table', 'partition', 'parent table', 'child table'];
  const found = (await findTableDependents(client, removal, [removal])).filter(({ kind }) => kinds.includes(kind));
  return found.map(({ kind, name, why }) =>
    finding(`${kind} ${name}`, false, {
      expected: `a table of its own, with all rows of ${removal.table} in it`,
      found: why,
      remedy: 'such tables are beyond this plan: name partitions one by one, after "alter table … detach partition"',
    }),
  );
}

async function checkPointing(
  client: PostgresClient,
  removal: RowsRemoval,
  going: readonly Removal[],
): Promise<Finding[]> {
  const found = await findOrphans(client, removal, going);
  return found.map(({ key, count }) =>
    finding(`foreign key ${key}`, Number.isNaN(count) ? 'unknown' : count === 0, {
      expected: 'no row that stays and points at one that goes',
      found: `${count}`,
      remedy: 'name the rows that point there in the plan, too, or have them point at something else first',
    }),
  );
}
