import type { PostgresClient } from '../adapters/postgres';
import { captureColumn, isOfDomain } from '../adapters/postgres-catalogue';
import type { ColumnCapture } from '../adapters/postgres-catalogue';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { shortName } from '../contract/object-name';
import type { ColumnRemoval, ReplacedRemoval } from '../contract/removals';
import { isReplaced } from '../sql/kept-by';
import { isExclusion } from '../sql/restore';
import { sentinelFits } from '../sql/sentinel';
import { checkPrimaryKey } from './check-table';

/**
 * Whether the column can be made again and filled again, and whether its values would be found again. `going`: all columns
 * that go from its table.
 */
export async function checkWayBack(
  client: PostgresClient,
  removal: ColumnRemoval,
  capture: ColumnCapture,
  going: readonly string[],
): Promise<Finding[]> {
  const found = isReplaced(removal)
    ? await checkReplacement(client, removal)
    : [await checkPrimaryKey(client, removal)];
  const isDomain = await isOfDomain(client, removal, removal.column);
  return [checkType(removal, capture, isDomain), ...(await checkIndexes(client, capture, going)), ...found];
}

function checkType(removal: ColumnRemoval, capture: ColumnCapture, isDomain: boolean): Finding {
  const ordinary = !capture.generated && capture.identity === null && !isDomain;
  const needsText = isReplaced(removal);
  return finding(`way back of ${shortName(removal)}`, ordinary && (!needsText || sentinelFits(capture.type)), {
    expected: needsText
      ? 'an ordinary text column, which can be filled again'
      : 'an ordinary column, which can be filled again',
    found: ordinary ? capture.type : isDomain ? `the domain ${capture.type}` : 'a generated or identity column',
    remedy: ordinary
      ? 'such a column is beyond this plan: its rows could not be closed to strangers in a rollback'
      : isDomain
        ? 'adding a column of a domain can rewrite the table: have its type changed to the base type first'
        : 'such a column is beyond this plan: the server fills it by itself',
    evidence: capture,
  });
}

/** Indexes that others need meanwhile, and those that a rollback could not build again in peace. */
async function checkIndexes(
  client: PostgresClient,
  { column, indexes }: ColumnCapture,
  going: readonly string[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, columns, constraint, valid, tablespace } of indexes) {
    const others = columns.filter((each) => !going.includes(each)).join(', ');
    if (isExclusion(constraint)) findings.push(exclusion(name, constraint?.definition ?? ''));
    if (!valid) findings.push(invalid(name));
    if (tablespace !== null && !(await mayUse(client, tablespace))) findings.push(place(name, tablespace));
    if (others !== '') findings.push(servesOthers(name, column, others));
  }
  return findings;
}

const exclusion = (name: string, definition: string): Finding =>
  finding(`constraint ${name}`, false, {
    expected: 'one that a rollback can build while others write',
    found: `${definition}, which locks the table for as long as it is built`,
    remedy: 'have it dropped in a migration of its own, then start the rollout again',
  });

const invalid = (name: string): Finding =>
  finding(`index ${name}`, false, {
    expected: 'one that the server uses',
    found: 'invalid: its building has failed',
    remedy: `"drop index concurrently ${name}", or "reindex index concurrently ${name}", then start the rollout again`,
  });

const place = (name: string, tablespace: string): Finding =>
  finding(`place of index ${name}`, false, {
    expected: `create on tablespace ${tablespace}`,
    found: 'not granted',
    remedy: `grant create on tablespace ${tablespace} to <role of the worker>: a rollback builds the index there`,
  });

const servesOthers = (name: string, column: string, others: string): Finding => ({
  check: `index ${name}`,
  status: 'not covered',
  expected: `one that serves ${column} alone`,
  found: `it serves ${others}, too, and goes with the column`,
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
    finding(`way back by ${shortName({ ...removal, column: replacedBy })}`, false, {
      expected: 'a text column, by which removed values are found again',
      found: capture.type,
      remedy: 'a rollback compares it as text; keep it as text, for example in hex',
    }),
  ];
}
