import type { TableName } from '../contract/text/object-name';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import type { Statement } from './statement';

/** An index, as it was captured; the adapters' index capture has this shape. */
export interface IndexDefinition {
  schema: string;
  name: string;
  /** As `pg_get_indexdef` prints it, every name qualified. */
  definition: string;
  /** False after a failed `create index concurrently`: the server does not use it. */
  valid: boolean;
  /** Null = the default one of the database. */
  tablespace: string | null;
  /** Null = none. */
  comment: string | null;
  /** The constraint that owns it, its name unquoted; null = none. */
  constraint: { name: string; definition: string } | null;
  clustered: boolean;
  replicaIdentity: boolean;
}

/**
 * The captured indexes that are not there, or not usable: each statement by itself, outside any transaction, since
 * CONCURRENTLY lets others write meanwhile. `present` are the indexes that the column has now: so it is safe to run
 * again after a crash, which can leave an invalid index.
 *
 * Throws if another index has the name of a captured one.
 */
export function indexStatements(
  captured: TableName & { indexes: readonly IndexDefinition[] },
  present: readonly IndexDefinition[],
): Statement[] {
  const done = new Set<string>();
  return captured.indexes.flatMap((index) => {
    const found = present.find(({ schema, name }) => schema === index.schema && name === index.name);
    if (found !== undefined && found.definition !== index.definition) {
      throw new Error(`expected no index or ${index.definition}, found ${found.definition}; drop or rename that index`);
    }
    if (done.has(index.name)) return [];
    done.add(index.name);
    const leftOver = found !== undefined && !found.valid;
    const usable = leftOver ? undefined : found;
    return [
      ...(leftOver
        ? [{ sql: `drop index concurrently ${indexName(index)}`, why: 'Left invalid by an earlier attempt' }]
        : []),
      ...(usable === undefined ? creation(index) : []),
      ...(usable?.constraint == null ? constraintOf(captured, index) : []),
      ...factsOf(captured, index),
    ];
  });
}

function creation({ definition, tablespace, constraint }: IndexDefinition): Statement[] {
  if (isExclusion(constraint)) return [];
  const create = {
    sql: definition.replace(/^CREATE (UNIQUE )?INDEX /, (start) => `${start}CONCURRENTLY `),
    why: 'The index as it was captured, after the fill; writes are not blocked',
  };
  if (tablespace === null) return [create];
  return [
    {
      sql: `set default_tablespace = ${quoteIdentifier(tablespace)}`,
      why: 'Its tablespace: moving it later would block',
    },
    create,
    { sql: 'reset default_tablespace', why: 'For this index alone' },
  ];
}

/** PostgreSQL makes an exclusion constraint in no other way than under a lock; preflight refuses one. */
export const isExclusion = (constraint: IndexDefinition['constraint']): boolean =>
  constraint !== null && !/^(?:UNIQUE|PRIMARY KEY)\b(?!.* WITHOUT OVERLAPS)/.test(constraint.definition);

/** Of the index that is there by now: a change of the catalogue alone. */
function constraintOf(captured: TableName, { constraint }: IndexDefinition): Statement[] {
  if (constraint === null) return [];
  const { name, definition } = constraint;
  const [kind = ''] = /^(?:UNIQUE|PRIMARY KEY)/.exec(definition) ?? [];
  const [when = ''] = / DEFERRABLE(?: INITIALLY DEFERRED)?$/.exec(definition) ?? [];
  const how = isExclusion(constraint)
    ? definition
    : `${kind} using index ${quoteIdentifier(name)}${when.toLowerCase()}`;
  return [
    { sql: `${alter(captured)} add constraint ${quoteIdentifier(name)} ${how}`, why: 'The constraint, as it was' },
  ];
}

function factsOf(captured: TableName, index: IndexDefinition): Statement[] {
  const { comment, clustered, replicaIdentity } = index;
  const name = indexName(index);
  const own = quoteIdentifier(index.name);
  return [
    ...(comment === null ? [] : [{ sql: `comment on index ${name} is ${quoteLiteral(comment)}`, why: 'Its comment' }]),
    ...(clustered
      ? [{ sql: `${alter(captured)} cluster on ${own}`, why: 'CLUSTER uses it again; moves nothing' }]
      : []),
    ...(replicaIdentity
      ? [{ sql: `${alter(captured)} replica identity using index ${own}`, why: 'Logical replication needs it' }]
      : []),
  ];
}

const alter = (captured: TableName): string => `alter table ${qualifiedName(captured)}`;
const indexName = ({ schema, name }: IndexDefinition): string => qualifiedName({ schema, table: name });
