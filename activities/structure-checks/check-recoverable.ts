import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readFilling, type ColumnFilling } from '../../adapters/catalogue/column-filling';
import { readRoleName } from '../../adapters/server/role-name';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName, type TableName } from '../../contract/text/object-name';
import type { ColumnRemoval, ReplacedRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { isReplaced } from '../../sql/saved-values/kept-by';
import { isExclusion } from '../../sql/restore-indexes';
import { placeholderFits } from '../../sql/saved-values/placeholder-statements';
import { checkPrimaryKey } from './kinds/check-table';
import { checkInvalidIndexes } from './check-invalid-indexes';
import { beyondThisPlan, byStatements, type Remedy } from '../environment/remedies';

/** A column that goes: as the plan names it, and as it is. */
interface RemovedColumn {
  removal: ColumnRemoval;
  capture: ColumnCapture;
}

/**
 * Whether the column can be made again and filled again, and whether its values would be found again. `beingRemoved`: all
 * columns that go from its table.
 */
export async function checkRecoverable(
  client: PostgresClient,
  { removal, capture }: RemovedColumn,
  beingRemoved: readonly string[],
): Promise<Finding[]> {
  const found = isReplaced(removal)
    ? await checkReplacement(client, removal)
    : [await checkPrimaryKey(client, removal)];
  const filling = await readFilling(client, removal);
  return [
    checkType(removal, capture, filling),
    ...(await checkIndexes(client, { removal, capture }, beingRemoved)),
    ...found,
  ];
}

function checkType(removal: ColumnRemoval, capture: ColumnCapture, filling: ColumnFilling | undefined): Finding {
  const kind = filling?.kind ?? null;
  const needsText = isReplaced(removal);
  const fits = !needsText || placeholderFits(capture.type);
  return finding(`rollback of ${shortName(removal)}`, kind === null && fits, {
    expected: needsText
      ? 'an ordinary text column, which can be filled again'
      : 'an ordinary column, which can be filled again',
    found:
      kind === null
        ? capture.type
        : kind === 'domain'
          ? `the domain ${capture.type}`
          : 'a generated or identity column',
    ...(kind === null ? asText(capture, filling) : asOrdinary(kind, filling)),
    evidence: capture,
  });
}

function asOrdinary(kind: NonNullable<ColumnFilling['kind']>, filling: ColumnFilling | undefined): Remedy {
  if (filling?.sql == null) return beyondThisPlan('the server fills such a column by itself');
  return byStatements(
    kind === 'domain' ? [filling.sql, ...filling.statisticsOwners] : [filling.sql],
    kind === 'domain'
      ? 'adding a column of a domain can rewrite the table; what the domain forbids is allowed from then on, and what it gives by itself is not given'
      : 'it keeps what is in it, and no one fills it any more',
  );
}

const asText = ({ type }: ColumnCapture, filling: ColumnFilling | undefined): Remedy =>
  filling !== undefined && type.startsWith('character varying(')
    ? byStatements(
        [filling.unlimited, ...filling.statisticsOwners],
        'so that a rollback has room to close rows to strangers; it is text from then on',
      )
    : beyondThisPlan('the rows of such a column could not be closed to strangers in a rollback');

/** Indexes that others need meanwhile, and those that a rollback could not build again in peace. */
async function checkIndexes(
  client: PostgresClient,
  { removal, capture }: RemovedColumn,
  beingRemoved: readonly string[],
): Promise<Finding[]> {
  const { column, indexes } = capture;
  const findings = await checkInvalidIndexes(client, removal, (invalid) =>
    indexes.some(({ schema, name }) => schema === invalid.schema && name === invalid.index),
  );
  const role = await readRoleName(client);
  for (const { name, columns, constraint, tablespace } of indexes) {
    const others = columns.filter((each) => !beingRemoved.includes(each)).join(', ');
    if (constraint !== null && isExclusion(constraint)) findings.push(exclusion(removal, constraint));
    if (tablespace !== null && !(await mayUse(client, tablespace))) findings.push(place(name, tablespace, role));
    if (others !== '') findings.push(servesOthers(name, column, others));
  }
  return findings;
}

const exclusion = (table: TableName, { name, definition }: { name: string; definition: string }): Finding =>
  finding(`constraint ${name}`, false, {
    expected: 'one that a rollback can build while others write',
    found: `${definition}, which locks the table for as long as it is built`,
    ...byStatements(
      [`alter table ${qualifiedName(table)} drop constraint ${quoteIdentifier(name)}`],
      'what it forbids is allowed from then on',
    ),
  });

const place = (name: string, tablespace: string, role: string): Finding =>
  finding(`place of index ${name}`, false, {
    expected: `create on tablespace ${tablespace}`,
    found: 'not granted',
    ...byStatements(
      [`grant create on tablespace ${quoteIdentifier(tablespace)} to ${role}`],
      'a rollback builds the index there',
    ),
  });

const servesOthers = (name: string, column: string, others: string): Finding => ({
  check: `index ${name}`,
  status: 'not covered',
  expected: `one that serves ${column} alone`,
  found: `it serves ${others}, too, and is dropped with the column`,
  remedy: `if queries need it for ${others}, have another one made for these; its use on this server (not on standbys) is counted in the trial`,
});

async function mayUse(client: PostgresClient, tablespace: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(`select has_tablespace_privilege($1, 'create') as may`, [
    tablespace,
  ]);
  return rows[0]?.may === true;
}

/** A rollback finds removed values by it. That it is there at all is another finding. */
async function checkReplacement(client: PostgresClient, removal: ReplacedRemoval): Promise<Finding[]> {
  const { replacedBy } = removal;
  const capture = await captureColumn(client, removal, replacedBy);
  if (capture === undefined || /^(?:text|character varying|character)(?:\(\d+\))?$/.test(capture.type)) return [];
  return [
    finding(`rollback by ${shortName({ ...removal, column: replacedBy })}`, false, {
      expected: 'a text column, by which removed values are found again',
      found: capture.type,
      ...beyondThisPlan('a rollback compares it as text; keep it as text, for example in hex'),
    }),
  ];
}
