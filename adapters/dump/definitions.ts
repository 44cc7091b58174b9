import type { PostgresSettings } from '../postgres/postgres';
import { runTool } from '../programs/run-tool';
import { toolConnection } from '../postgres/tool-connection';
import type { Difference } from './compare-fingerprints';

/** All definitions of a database as `pg_dump` says them, rights and comments included, by what they are of. */
export type Definitions = ReadonlyMap<string, string>;

/**
 * Reads the definitions of a whole database. Runs no code of it.
 *
 * @throws Error with the first complaint of `pg_dump`
 */
export async function readDefinitions(
  folder: string,
  connection: PostgresSettings,
  signal?: AbortSignal,
): Promise<Definitions> {
  const end = await runTool({
    program: `${folder}/pg_dump`,
    arguments: ['--schema-only', '--no-password', '--quote-all-identifiers'],
    environment: toolConnection(connection, 'rubicon definitions'),
    signal,
  });
  if (end.exitCode !== 0) throw new Error(`expected the definitions of a database, found: ${end.complaint}`);
  return blocksOf(end.output);
}

/** `-- Name: sessions; Type: TABLE; Schema: public; Owner: app`; the same heading can come twice, as for rights. */
const heading = /^--\n-- Name: (.*); Type: (.*); Schema: (.*); Owner:.*\n--\n/m;

function blocksOf(script: string): Definitions {
  const blocks = new Map<string, string>();
  for (const part of script.split(/(?=^--\n-- Name: .*; Type: .*; Schema: .*; Owner:)/m)) {
    const [all = '', name, type, schema] = heading.exec(part) ?? [];
    if (name === undefined) continue;
    const key = `${type?.toLowerCase()} ${schema === '-' ? '' : `${schema}.`}${name}`;
    const text = part
      .slice(all.length)
      .replaceAll(/^\\(?:un)?restrict .*$|^SET default_(?:tablespace|table_access_method) = .*$/gm, '')
      .replace(/\n--\n-- PostgreSQL database dump complete\n--\s*$/, '')
      .trim();
    blocks.set(key, [blocks.get(key), text].filter((each) => each !== undefined).join('\n'));
  }
  return blocks;
}

/** One that differs: whether all that differs is that a constraint does not claim to hold for every row any more. */
export type DefinitionDifference = Difference & { onlyNotValid: boolean };

/**
 * What is not as it was. A column that was made again stands at the end of its table, which nothing but a `select *`
 * can tell: the columns of a table are compared by their names.
 */
export function compareDefinitions(before: Definitions, after: Definitions): DefinitionDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((where): DefinitionDifference[] => {
    const is = after.get(where);
    const claim = claimOf(where, before, after);
    const was = withoutClaims(before.get(where), before, after);
    if (claim !== undefined) return [{ where, expected: claim.line, found: is ?? '', onlyNotValid: true }];
    if (was === undefined) return [{ where, expected: 'none', found: firstLines(is ?? ''), onlyNotValid: false }];
    if (is === undefined) return [{ where, expected: firstLines(was), found: 'none', onlyNotValid: false }];
    const [old, now] = [linesOf(was), linesOf(is)];
    if (old.join('\n') === now.join('\n')) return [];
    const gone = old.filter((line) => !now.includes(line));
    const come = now.filter((line) => !old.includes(line));
    const onlyNotValid = sameBut(/ NOT VALID(?=;?$)/, gone, come);
    return [
      { where, expected: gone.join(' ') || 'no more lines', found: come.join(' ') || 'lines missing', onlyNotValid },
    ];
  });
}

interface Claim {
  /** As it stood in its table or domain, which is how `pg_dump` writes a CHECK that holds for every row. */
  line: string;
}

const ownBlock = /^ALTER (?:TABLE|DOMAIN) (.+)\n\s+ADD (CONSTRAINT .+ CHECK .+) NOT VALID;$/s;

/** A CHECK that held for every row, and has become a statement of its own. */
function claimOf(where: string, before: Definitions, after: Definitions): Claim | undefined {
  if (!where.startsWith('check constraint ') || before.has(where)) return undefined;
  const [block, table, line] = ownBlock.exec(after.get(where) ?? '') ?? [];
  if (block === undefined || table === undefined || line === undefined) return undefined;
  const stoodThere = [...before.values()].some((each) => isTable(each, table) && linesOf(each).includes(line));
  return stoodThere ? { line } : undefined;
}

/** What a table or domain said of itself, without what it says apart by now. */
function withoutClaims(block: string | undefined, before: Definitions, after: Definitions): string | undefined {
  if (block === undefined || !/^CREATE (?:(?:UNLOGGED )?TABLE|DOMAIN) /.test(block)) return block;
  const claims = [...after.keys()].flatMap((where) => {
    const [, table = ''] = ownBlock.exec(after.get(where) ?? '') ?? [];
    return isTable(block, table) ? (claimOf(where, before, after)?.line ?? []) : [];
  });
  if (claims.length === 0) return block;
  return block
    .split('\n')
    .filter((line) => !claims.includes(withoutEnd(line)))
    .join('\n');
}

const isTable = (block: string, name: string): boolean =>
  [`CREATE TABLE ${name} (`, `CREATE UNLOGGED TABLE ${name} (`, `CREATE DOMAIN ${name} AS `].some((start) =>
    block.startsWith(start),
  );

/** Their order says nothing about rights, and in a table nothing but where a column stands. */
const linesOf = (block: string): string[] =>
  block
    .split('\n')
    .map(withoutEnd)
    .filter((line) => line !== '')
    .sort();

const withoutEnd = (line: string): string => line.trim().replace(/[,;]$/, '');

const sameBut = (what: RegExp, gone: readonly string[], come: readonly string[]): boolean =>
  gone.length === come.length && come.every((line) => what.test(line) && gone.includes(line.replace(what, '')));

const firstLines = (block: string): string => block.split('\n').slice(0, 3).join(' ').slice(0, 300);
