import { loadModule, parseSync } from 'libpg-query';

/**
 * The statements of a script that `pg_restore` has printed, one by one: taken apart by PostgreSQL's own grammar, since a
 * name or a comment can hold whatever a pattern would look for.
 */
export async function statementsOf(script: string): Promise<string[]> {
  await loadModule();
  // What is for psql alone: newer versions fence their scripts with it.
  const sql = script.replaceAll(/^\\(?:un)?restrict .*$/gm, '');
  const bytes = Buffer.from(sql);
  const { stmts = [] } = parseSync(sql);
  return stmts.map(({ stmt_location: from = 0, stmt_len: length = bytes.length - from }) =>
    bytes
      .subarray(from, from + length)
      .toString()
      .replace(/^(?:\s+|--[^\n]*\n)+/, '')
      .trim(),
  );
}
