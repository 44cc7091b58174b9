import { qualifiedName, quoteIdentifier } from './identifier';
import type { Statement } from './statement';

/** What the catalogue said of a table before it went; the adapters' capture has this shape. */
interface TableScript {
  schema: string;
  table: string;
  /** Blocks of SQL, each with a heading as `pg_dump` writes it. */
  after: string;
}

interface AfterTheRows {
  own: string[];
  /** Not validated yet, so that nobody waits who writes to the table that one points at. */
  'foreign keys': string[];
  validations: (Statement & { name: string })[];
}

/**
 * What a table gets once it has its rows, without what `present` has of it. Foreign keys, and what is said of them, come
 * last: these lock another table for a moment.
 */
export function afterTheRows(captured: TableScript, present = ''): AfterTheRows {
  const blocks = blocksOf(captured.after);
  const firstKey = blocks.findIndex((block) => nameOfKey(block) !== undefined);
  const split = firstKey < 0 ? blocks.length : firstKey;
  const there = new Set(blocksOf(present).map(validated));
  const missing = (block: string): boolean => !there.has(validated(block));
  const own = blocks.slice(0, split).filter(missing);
  const keys = blocks.flatMap((block) => (isValid(block) ? (nameOfKey(block) ?? []) : []));
  return {
    // Of equal indexes a foreign key leans on the oldest one: as a rule that was the primary key's.
    own: [...own.filter(isPrimaryKey), ...own.filter((block) => !isPrimaryKey(block))],
    'foreign keys': blocks.slice(split).filter(missing).map(notValid),
    validations: keys.map((name) => ({
      name,
      sql: `alter table ${qualifiedName(captured)} validate constraint ${quoteIdentifier(name)}`,
      why: 'Reads both tables without blocking writes',
    })),
  };
}

/** A script as a single statement, which a session of ours takes alone: all of it happens, or nothing. */
export function asOneStatement(script: string): string {
  let tag = 'script';
  while (script.includes(`$${tag}`)) tag += '_';
  return `do $do_${tag}$ begin execute $${tag}$${script}$${tag}$; end $do_${tag}$`;
}

/** Whether nobody but its owner sees a row without a policy. */
export const hasRowSecurity = ({ after }: TableScript): boolean => / ENABLE ROW LEVEL SECURITY;/.test(after);

/** Every foreign key as if it held for all rows. */
export const asValid = (script: string): string => blocksOf(script).map(validated).join('\n');

/** Without what attaches a partition and its indexes: it is filled as a table of its own, and the server finds the indexes. */
export const withoutAttaching = (script: string): string =>
  script
    .split(/\n(?=--\n-- Name: )/)
    .filter((block) => !/^--\n-- Name: .*; Type: (?:TABLE|INDEX) ATTACH;/.test(block))
    .join('\n')
    .trim();

/** Without the lines that give something to a role, or to its ownership, that is not among these. */
export const withoutRoles = (script: string, roles: ReadonlySet<string>): string =>
  script
    .split(/\n(?=--\n-- Name: )/)
    .map((block) => {
      const lines = block.split('\n');
      const kept = lines.filter((line, index) => index < 4 || !namesOther(line, roles, isAcl(block)));
      return kept.join('\n');
    })
    .join('\n');

const isAcl = (block: string): boolean => /^--\n-- Name: .*; Type: (?:ACL|DEFAULT ACL);/.test(block);

function namesOther(line: string, roles: ReadonlySet<string>, acl: boolean): boolean {
  const owner = /^ALTER (?:TABLE|SEQUENCE) .+ OWNER TO (.+);$/.exec(line)?.[1];
  const grantee = acl ? /^(?:GRANT|REVOKE) .* (?:TO|FROM) (.+?)(?: WITH GRANT OPTION)?;$/.exec(line)?.[1] : undefined;
  const role = owner ?? grantee;
  return role !== undefined && role !== 'PUBLIC' && !roles.has(role);
}

const blocksOf = (script: string): string[] =>
  inTheirTablespaces(
    script
      .split(/\n(?=--\n-- Name: )/)
      .map((block) => block.trim())
      .filter((block) => block !== ''),
  );

/** A dump names a tablespace once, before all indexes that follow in it: here each names its own, whatever came before. */
function inTheirTablespaces(blocks: readonly string[]): string[] {
  let current = '';
  return blocks.flatMap((block) => {
    const text = block.replace(setting, '').trim();
    const own =
      /^--\n-- Name: .*; Type: (?:INDEX|CONSTRAINT);/.test(text) && current !== '' ? `${current}\n\n${text}` : text;
    current = setting.exec(block)?.[1] ?? current;
    return own === '' ? [] : [own];
  });
}

/** Stands behind one object, for the next ones. */
const setting = /(?:^|\n)(SET default_tablespace = .*;)$/;

/** The name of a foreign key that a block makes. */
function nameOfKey(block: string): string | undefined {
  if (!/^--\n-- Name: .*; Type: FK CONSTRAINT;/.test(block)) return undefined;
  const found = /\n\s+ADD CONSTRAINT (?:"((?:[^"]|"")+)"|(\S+)) FOREIGN KEY /.exec(block);
  return found?.[1]?.replaceAll('""', '"') ?? found?.[2];
}

const isPrimaryKey = (block: string): boolean =>
  /(?:^|\n)--\n-- Name: .*; Type: CONSTRAINT;/.test(block) &&
  /\n\s+ADD CONSTRAINT (?:"(?:[^"]|"")+"|\S+) PRIMARY KEY /.test(block);

const isValid = (block: string): boolean => !/ NOT VALID;\s*$/.test(block);

const notValid = (block: string): string =>
  nameOfKey(block) === undefined || !isValid(block) ? block : block.replace(/;\s*$/, ' NOT VALID;');

const validated = (block: string): string =>
  nameOfKey(block) === undefined ? block : block.replace(/ NOT VALID;\s*$/, ';');
