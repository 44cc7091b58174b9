import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import type { CatalogueSnapshot } from '../../adapters/catalogue/catalogue-snapshot';
import type { ValidCheck } from '../../adapters/catalogue/valid-checks';
import type { PartitionDefinition } from './define-partition';
import type { TableDefinition } from '../../adapters/catalogue/table-definition';
import type { TableIndex } from '../../adapters/catalogue/index-capture';
import type { TableShape } from '../../adapters/catalogue/table-shape';
import { canonicalJson } from '../../contract/text/canonical-json';
import type { DatabaseKind } from '../../contract/plan/kinds';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { compareCatalogue } from './compare-catalogue';
import { readRoles } from './read-roles';
import { withoutRolesThatAreGone } from '../../sql/captured-catalogue';
import { shortName } from '../../contract/text/object-name';

interface CaptureByKind {
  column: Captured<ColumnCapture>;
  table: Captured<TableDefinition>;
  /** The columns of their table. */
  rows: Captured<TableShape>;
  partition: Captured<PartitionDefinition>;
  index: Captured<TableIndex>;
}

/** What goes, as it was. */
export type CaptureOf<K extends DatabaseKind> = CaptureByKind[K];
export type Capture = CaptureOf<DatabaseKind>;

/** With all that the catalogue said of it; undefined in what an earlier version of ours has captured. */
export type Captured<T> = T & {
  catalogue?: CatalogueSnapshot;
  /** Of its table, whatever columns they name: what comes back may be against one by now. */
  validChecks?: ValidCheck[];
};

/** Partitions, too: each comes back as a table of its own. */
export const tablesAmong = (captured: readonly Capture[]): Captured<TableDefinition>[] =>
  captured.filter((capture): capture is Captured<TableDefinition> => 'before' in capture);

export const columnsAmong = (captured: readonly Capture[]): Captured<ColumnCapture>[] =>
  captured.filter((capture): capture is Captured<ColumnCapture> => 'column' in capture);

/** Captured columns, without the rights of roles that are gone meanwhile: those must not stop a rollback. */
export interface Restorable {
  captured: Captured<ColumnCapture>[];
  /** One finding a column that lost some; it is told, and stops nothing. */
  findings: Finding[];
}

export async function restorableColumns(
  client: PostgresClient,
  all: readonly Captured<ColumnCapture>[],
): Promise<Restorable> {
  const { rows } = await client.query<{ name: string }>('select quote_ident(rolname) as name from pg_roles');
  const roles = new Set(['public', ...rows.map(({ name }) => name)]);
  const isThere = ({ grantee }: { grantee: string }): boolean => roles.has(grantee);
  const present = await readRoles(client);
  const captured = all.map((capture) => ({
    ...{ ...capture, grants: capture.grants.filter(isThere) },
    ...(capture.catalogue && { catalogue: withoutRolesThatAreGone(capture.catalogue, present) }),
  }));
  const findings = all.flatMap((capture): Finding[] => {
    const gone = capture.grants.filter((grant) => !isThere(grant)).map(({ grantee }) => grantee);
    if (gone.length === 0) return [];
    const check = `rights on ${shortName(capture)}`;
    const found = `no role ${[...new Set(gone)].join(', ')} any more`;
    const remedy = 'nothing to do, unless a role was renamed: then grant it by hand what record.json says';
    return [{ check, status: 'not covered', expected: 'the roles that had rights', found, remedy }];
  });
  return { captured, findings };
}

/** Looks at each column again: all of it must be as it was. */
export async function compareColumns(
  client: PostgresClient,
  captured: readonly Captured<ColumnCapture>[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const capture of captured) {
    const { schema, table, column, catalogue } = capture;
    const check = `column ${shortName(capture)}`;
    if (catalogue === undefined) findings.push(builtByItself(check, await isSameColumn(client, capture)));
    else findings.push(...(await compareCatalogue(client, { check, target: { schema, table, column } }, catalogue)));
  }
  return findings;
}

/** Of what an earlier version of ours has captured there is no more to compare. */
const builtByItself = (check: string, isSame: boolean): Finding =>
  finding(check, isSame, {
    expected: 'type and collation as they were captured before the drop',
    found: isSame ? 'the same' : 'others',
    remedy: 'compare it with record.json of the backup, set it by hand, then answer "retry"',
  });

/** Whether a column that is there has the captured type: then it is ours, of an earlier attempt, and can be filled. */
export async function isSameColumn(client: PostgresClient, before: ColumnCapture): Promise<boolean> {
  const now = await captureColumn(client, before, before.column);
  const decisive: (keyof ColumnCapture)[] = ['type', 'collation', 'generated', 'identity'];
  return now !== undefined && decisive.every((field) => canonicalJson(now[field]) === canonicalJson(before[field]));
}
