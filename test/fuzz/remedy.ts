import { parseSync } from 'libpg-query';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import { placeOf } from '../../contract/plan/places';
import { removalsOf, type Removes } from '../../contract/plan/removals';
import { differencesOf, differenceText } from './compare';
import { roles } from './make/making';
import type { Snapshot } from './snapshot';

/** What a finding tells a person to do, as something that can be done. */
export type Remedy =
  | { is: 'statements'; statements: string[] }
  | { is: 'plan'; primaryKey: string[] }
  /** The finding says that there is none. */
  | { is: 'beyond' }
  | { is: 'none' };

/**
 * Statements stand complete in double quotes, with the real names; the first ones are recommended, others come after "or".
 * `libpg-query` has to be loaded.
 */
export function readRemedy({ remedy = '', remedySql }: Finding): Remedy {
  if (remedySql !== undefined) return { is: 'statements', statements: remedySql };
  const key = /write into the plan: primaryKey: \[([^\]]*)\]/.exec(remedy);
  if (key?.[1] !== undefined) return { is: 'plan', primaryKey: key[1].split(/, (?=(?:[^"]*"[^"]*")*[^"]*$)/) };
  const statements = firstStatements(remedy.replaceAll('<role of the worker>', roles.worker));
  if (statements.length > 0) return { is: 'statements', statements };
  return { is: /beyond this plan/.test(remedy) ? 'beyond' : 'none' };
}

function firstStatements(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (;;) {
    const next = nextStatement(text, from);
    if (next === undefined) return found;
    if (found.length > 0 && /\bor\b/.test(text.slice(from, next.start))) return found;
    found.push(next.sql);
    from = next.end;
  }
}

/** The shortest text between two quotes that the server's own grammar takes: names inside may be in quotes, too. */
function nextStatement(text: string, from: number): { sql: string; start: number; end: number } | undefined {
  for (let start = text.indexOf('"', from); start >= 0; start = text.indexOf('"', start + 1)) {
    if (
      !/^(?:alter|drop|create|grant|revoke|comment|security|update|delete|do|set|reindex)\s/i.test(
        text.slice(start + 1),
      )
    )
      continue;
    for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
      if (/[\w"]/.test(text[end + 1] ?? ' ')) continue; // a name in quotes begins there, or goes on
      const sql = text.slice(start + 1, end);
      if (isStatement(sql)) return { sql, start, end: end + 1 };
    }
  }
  return undefined;
}

/** An ellipsis is a name for the grammar, and none for anybody else. */
function isStatement(sql: string): boolean {
  if (sql.includes('…')) return false;
  try {
    return (parseSync(sql).stmts?.length ?? 0) > 0;
  } catch {
    return false;
  }
}

/**
 * What a remedy changed besides what its statements name. What stands on something named is changed with it; a publication's
 * other tables are not named by its name. Rows are never what a remedy may change.
 */
export function besides(statements: readonly string[], before: Snapshot, after: Snapshot): string[] {
  const names = statements.flatMap(namesIn);
  const retypes = statements.some((sql) => /^alter table .* type /.test(sql));
  const isNamed = (text: string): boolean =>
    names.some((name) => hasName(text.replaceAll('""', '"').replaceAll("''", "'"), name));
  return differencesOf(before, after)
    .filter(({ what, before: was, after: now }) => {
      if (/^(?:rows of|sequence) /.test(what)) return now !== 'not there' || !isNamed(what);
      // What belongs to an extension is in no dump: once it does not, all of it is.
      if (was === 'not there' && statements.some((sql) => /^alter extension /.test(sql))) return false;
      // Another type builds the column's indexes anew: one that was never finished is, then.
      if (/^index /.test(what) && was.replace(/\bvalid f, ready [ft]/, 'valid t, ready t') === now && retypes)
        return false;
      const published = publishedTable(was) ?? publishedTable(now);
      return published === undefined ? !isNamed(`${what}\n${was}\n${now}`) : !names.includes(published);
    })
    .map(differenceText);
}

/** The table that such an entry of a dump adds to a publication: that of the publication is no name of it. */
function publishedTable(text: string): string | undefined {
  const added = /^ALTER PUBLICATION [^]* ADD TABLE ONLY (?:"(?:[^"]|"")*"|[^".]+)\.("(?:[^"]|"")*"|[^" ;]+)/m.exec(
    text,
  );
  return added?.[1]?.replace(/^"|"$/g, '').replaceAll('""', '"');
}

/** Names, without their quotes and escapes. */
const namesIn = (sql: string): string[] =>
  [...sql.matchAll(/(U&)?"((?:[^"]|"")+)"|\b([a-z_][a-z0-9_$]*)\b/gi)].map(([, escapes, inQuotes, plain]) => {
    const name = inQuotes?.replaceAll('""', '"') ?? plain ?? '';
    return escapes === undefined ? name : unescaped(name);
  });

const unescaped = (name: string): string =>
  name.replace(/\\(?:\\|([0-9a-f]{4})|\+([0-9a-f]{6}))/gi, (_, short?: string, long?: string) => {
    const code = short ?? long;
    return code === undefined ? '\\' : String.fromCodePoint(parseInt(code, 16));
  });

const keywords =
  /^(?:alter|drop|create|table|view|materialized|publication|set|column|constraint|trigger|rule|policy|on|if|exists|function|public|for|in|schema|tables|only|add|index|to|from|where|not|null|default|type|is|other|other schema)$/i;

const hasName = (what: string, name: string): boolean => {
  if (keywords.test(name)) return false;
  const at = what.indexOf(name);
  return at >= 0 && !/[\w$]/.test(what[at - 1] ?? ' ') && !/[\w$]/.test(what[at + name.length] ?? ' ');
};

/** With another primary key for the table whose finding this is. */
export const withPrimaryKey = (removes: Removes, { check }: Finding, primaryKey: string[]): Removes =>
  removes.map((entry) => {
    const [removal] = removalsOf({ removes: [entry] });
    return removal !== undefined && check.endsWith(` ${shortTableName(placeOf(removal))}`)
      ? { ...entry, primaryKey }
      : entry;
  });

/** The words of a finding's check before its first name. */
export function kindOf({ check }: Finding): string {
  const words = check.split(' ');
  const end = words.findIndex((word) => !/^[a-z-]+$/.test(word) || /^(?:public|other)$/.test(word));
  return words.slice(0, end < 0 ? undefined : end).join(' ') || check;
}
