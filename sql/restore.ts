import type { Catalogue } from './captured-catalogue';
import { derivedName } from './derived-name';
import type { TableName } from '../contract/text/object-name';
import type { IndexDefinition } from './restore-indexes';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { isSet } from './saved-values/same-bytes';
import type { Statement } from './statement';

/** What the catalogue said of a column before it went; the adapters' column capture has this shape. */
export interface ColumnDefinition {
  /** Unquoted, like `table` and `column`. */
  schema: string;
  table: string;
  column: string;
  /** As `format_type` prints it: `character varying(256)`. */
  type: string;
  /** Qualified and quoted; null = the type's own. */
  collation: string | null;
  notNull: boolean;
  /** Expression; null = none. */
  default: string | null;
  generated: boolean;
  /** `a` = always, `d` = by default; null = not an identity column. */
  identity: string | null;
  /** Null = the server's default. */
  statisticsTarget: number | null;
  /** `plain`, `external`, `extended` or `main`; null = the type's own. */
  storage: string | null;
  /** `pglz` or `lz4`; null = as `default_toast_compression` says at each write. */
  compression: string | null;
  options: readonly string[];
  /** Null = none. */
  comment: string | null;
  grants: readonly { grantee: string; privilege: string; grantable: boolean }[];
  indexes: readonly IndexDefinition[];
  /** All that the catalogue said; rights are given by it, and by the roles that had granted them. */
  catalogue?: Catalogue;
}

/**
 * Builds the column again, empty, with everything that may be there before it is filled. Safe to run twice. In one
 * transaction for all columns, in the order of the drop.
 *
 * Throws for a generated or identity column: these can't be filled.
 */
export function columnStatements(captured: ColumnDefinition): Statement[] {
  if (captured.generated || captured.identity !== null) {
    throw new Error(`expected an ordinary column, found a generated one: ${nameOf(captured)}; restore it by hand`);
  }
  const collation = captured.collation === null ? '' : ` collate ${captured.collation}`;
  const column = quoteIdentifier(captured.column);
  return [
    {
      sql: `${alter(captured)} add column if not exists ${column} ${captured.type}${collation}`,
      why: `${nameOf(captured)} as it was captured; empty, so the table is not rewritten`,
    },
    ...settingsOf(captured).map((setting) => ({
      sql: `${alter(captured)} alter column ${column} ${setting}`,
      why: 'A setting that the column had',
    })),
    ...(captured.comment === null
      ? []
      : [{ sql: `comment on column ${nameOf(captured)} is ${quoteLiteral(captured.comment)}`, why: 'Its comment' }]),
    ...(captured.catalogue === undefined ? captured.grants : []).map(({ grantee, privilege, grantable }) => ({
      sql:
        `grant ${privilege} (${column}) on ${qualifiedName(captured)} to ${grantee}` +
        (grantable ? ' with grant option' : ''),
      why: 'A right on this column alone',
    })),
  ];
}

function settingsOf({ storage, compression, statisticsTarget, options }: ColumnDefinition): string[] {
  return [
    ...(storage === null ? [] : [`set storage ${storage}`]),
    ...(compression === null ? [] : [`set compression ${compression}`]),
    ...(statisticsTarget === null ? [] : [`set statistics ${statisticsTarget}`]),
    ...(options.length === 0 ? [] : [`set (${options.join(', ')})`]),
  ];
}

/**
 * What would be in the way of the fill, or slow it down: default and NOT NULL. Each statement by itself. A default
 * given with the column would have filled every row at once.
 */
export function constraintStatements(captured: ColumnDefinition): Statement[] {
  const column = quoteIdentifier(captured.column);
  const check = quoteIdentifier(derivedName('rubicon_', captured.column));
  const steps: [string, string][] = [];
  if (captured.default !== null) steps.push([`alter column ${column} set default ${captured.default}`, 'Its default']);
  if (captured.notNull && !hasNamedNotNull(captured)) {
    steps.push(
      [`drop constraint if exists ${check}`, 'Left by an earlier attempt'],
      [`add constraint ${check} check (${isSet(column)}) not valid`, 'So that NOT NULL need not read the table'],
      [`validate constraint ${check}`, 'Reads the table without blocking writes'],
      [`alter column ${column} set not null`, 'As it was'],
      [`drop constraint ${check}`, 'NOT NULL replaces it'],
    );
  }
  return steps.map(([sql, why]) => ({ sql: `${alter(captured)} ${sql}`, why }));
}

/** Since PostgreSQL 18 NOT NULL is a constraint with a name, and can say that not every row is asked. */
const hasNamedNotNull = ({ catalogue }: ColumnDefinition): boolean =>
  Object.values(catalogue?.objects ?? {}).some(({ contype }) => contype === 'n');

const alter = (captured: TableName): string => `alter table ${qualifiedName(captured)}`;
const nameOf = (captured: ColumnDefinition): string => `${qualifiedName(captured)}.${quoteIdentifier(captured.column)}`;
