import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { findColumns } from '../../../adapters/catalogue/catalogue';
import { readRoleName } from '../../../adapters/server/role-name';
import { captureTables } from '../../../adapters/catalogue/structure';
import { findTableDependents } from '../../../adapters/dependents/table-dependents';
import { finding, obstacles } from '../../../contract/run/findings';
import type { Finding } from '../../../contract/run/findings';
import { shortName, shownPart } from '../../../contract/text/object-name';
import type { RowsRemoval } from '../../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../../../sql/identifier';
import { anyToRemove } from '../../../sql/some-rows';
import { hiddenTable } from '../../../sql/hidden-name';
import { leftOver } from '../check-dependents';
import { checkPrimaryKey } from './check-table';
import { findDanglingReferences } from '../../state/dangling-references';
import { checkConditions } from './check-conditions';
import { quoted } from '../../../sql/quoted-statement';
import { beyondThisPlan, byStatements } from '../../environment/remedies';
import { dependentRemedy } from '../dependent-remedy';
import { equalitiesOf } from '../../state/equalities';

/** The rows are there, or gone; not hidden. */
export async function checkRowsAre(client: PostgresClient, removal: RowsRemoval, dropped: boolean): Promise<Finding[]> {
  const { schema, table } = removal;
  const name = `rows of ${shortName(removal)} that go`;
  const columns = await findColumns(client, removal);
  const missing = Object.keys(removal.where).filter((column) => columns?.includes(column) !== true);
  if (columns === undefined || missing.length > 0) {
    const found = columns === undefined ? 'no such table' : `no column ${missing.map(shownPart).join(', ')}`;
    const remedy = 'correct the plan or the settings: this is another database, or another schema';
    return [
      finding(name, false, { expected: `${shortName(removal)} with ${conditionColumns(removal)}`, found, remedy }),
    ];
  }
  const hidden = hiddenTable(table);
  const isHidden = (await findColumns(client, { schema, table: hidden })) !== undefined;
  const conditions = await checkConditions(client, removal);
  if (obstacles(conditions).length > 0) return conditions;
  const equalities = await equalitiesOf(client, [removal]);
  const isThere = (await client.query<{ yes: boolean }>(anyToRemove(removal, equalities))).rows[0]?.yes === true;
  if (dropped && isThere && !isHidden) {
    const remedy = 'they are not those that were dropped: ask who still writes such rows, and why';
    return [{ check: name, status: 'not covered', expected: 'none', found: 'some, written since', remedy }];
  }
  return [
    ...conditions,
    finding(name, isThere !== dropped && !isHidden, {
      expected: dropped ? 'none' : 'at least one',
      found: isHidden ? `hidden in ${hidden}` : isThere ? 'there' : 'none',
      remedy: isHidden ? leftOver : 'correct the condition of the plan, or ask who has deleted them',
    }),
  ];
}

/** Whether they can be moved away and back; and who points at them. */
export async function checkRows(
  client: PostgresClient,
  removal: RowsRemoval,
  beingRemoved: readonly RowsRemoval[],
): Promise<Finding[]> {
  return [
    await checkPrimaryKey(client, removal),
    await checkMoving(client),
    await checkIndex(client, removal),
    ...(await checkUnique(client, removal)),
    ...(await checkPlace(client, removal)),
    ...(await checkPointing(client, removal, beingRemoved)),
  ];
}

/** By the planner's estimate. */
const manyRows = 1_000_000;

async function checkMoving(client: PostgresClient): Promise<Finding> {
  const sql = `select has_parameter_privilege('session_replication_role', 'set') as may`;
  const may = (await client.query<{ may: boolean }>(sql)).rows[0]?.may === true;
  return finding('right to move rows', may, {
    expected: 'set on session_replication_role',
    found: may ? 'granted' : 'not granted',
    ...byStatements(
      [`grant set on parameter session_replication_role to ${await readRoleName(client)}`],
      'without it triggers and foreign keys take a move for a change of the application',
    ),
  });
}

/** It is looked again and again whether there are any, and what a table has to be read for takes long. */
async function checkIndex(client: PostgresClient, removal: RowsRemoval): Promise<Finding> {
  const [capture] = await captureTables(client, [removal]);
  const first = /\((?:"((?:[^"]|"")+)"|(\w+))/;
  const served = capture?.indexes.find(({ definition, valid }) => {
    const [, quoted, plain] = first.exec(definition) ?? [];
    return (
      valid && !/ WHERE /.test(definition) && Object.hasOwn(removal.where, quoted?.replaceAll('""', '"') ?? plain ?? '')
    );
  });
  const { rows } = await client.query<{ many: boolean }>(
    `select reltuples > ${manyRows} as many from pg_class where oid = $1::regclass`,
    [qualifiedName(removal)],
  );
  const check = `index for the rows of ${shortName(removal)}`;
  const expected = `one that begins with ${Object.keys(removal.where).map(shownPart).join(' or ')}`;
  if (served !== undefined) return { check, status: 'passed', expected, found: served.name };
  const columns = Object.keys(removal.where).map(quoteIdentifier).join(', ');
  const remedy = `${quoted(`create index concurrently on ${qualifiedName(removal)} (${columns})`)}: each look reads the whole table without it`;
  return { check, status: rows[0]?.many === true ? 'failed' : 'not covered', expected, found: 'none', remedy };
}

/** While they are away somebody else can take a value that only one row may have: then they can't come back. */
async function checkUnique(client: PostgresClient, removal: RowsRemoval): Promise<Finding[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = $1::regclass and i.indisunique and not i.indisprimary and not exists (
        select from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]) and a.attname = any ($2::text[]))`,
    [qualifiedName(removal), Object.keys(removal.where)],
  );
  return rows.map(({ name }) => ({
    check: `unique index ${name}`,
    status: 'not covered',
    expected: `one that names ${conditionColumns(removal)}`,
    found: 'values that others may take while these rows are away',
    remedy:
      'nothing to do, unless such values are given again: then these rows can not come back before someone has changed them',
  }));
}

/** Rows of partitions and of child tables are elsewhere. */
async function checkPlace(client: PostgresClient, removal: RowsRemoval): Promise<Finding[]> {
  const elsewhere = ['partitioned table', 'partition', 'parent table', 'child table'];
  const replicated = ['subscription'];
  const found = await findTableDependents(client, removal, [removal]);
  const findings: Finding[] = [];
  for (const each of found.filter(({ kind }) => elsewhere.includes(kind) || replicated.includes(kind)))
    findings.push(
      finding(`${each.kind} ${each.name}`, false, {
        expected: elsewhere.includes(each.kind)
          ? `a table of its own, with all rows of ${shortName(removal)} in it`
          : 'no logical replication of this table',
        found: each.why,
        ...(await dependentRemedy(client, each)),
      }),
    );
  return findings;
}

async function checkPointing(
  client: PostgresClient,
  removal: RowsRemoval,
  beingRemoved: readonly RowsRemoval[],
): Promise<Finding[]> {
  const found = await findDanglingReferences(client, removal, { beingRemoved });
  return found.map(({ key, count }) =>
    finding(`foreign key ${key}`, Number.isNaN(count) ? 'unknown' : count === 0, {
      expected: 'no row that stays and points at one to be removed',
      found: `${count}`,
      ...beyondThisPlan('name the rows that point there in it, too, or have them point at something else first'),
    }),
  );
}

const conditionColumns = ({ where }: RowsRemoval): string => Object.keys(where).map(shownPart).join(', ');
