import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from '../../../contract/run/findings';
import type { TestDatabase } from '../servers/servers';

/** What a remedy has changed in the definitions, line by line as `pg_dump` writes them. */
export interface Changed {
  added: string[];
  removed: string[];
}

/**
 * Follows a remedy to the letter: its statements in one transaction, by an administrator. Returns all that is different
 * afterwards in the definitions of the database, settings of roles and of the database included.
 */
export async function followRemedy(database: TestDatabase, { check, remedySql }: Finding): Promise<Changed> {
  if (remedySql === undefined || remedySql.length === 0)
    throw new Error(`expected statements of "${check}", found none`);
  const before = await definitions(database);
  await database.query(`begin; ${remedySql.join('; ')}; commit`);
  const after = await definitions(database);
  return { added: without(after, before), removed: without(before, after) };
}

/** As `pg_dump` writes them, without what it sets for its own session. */
export async function definitions({ url, server }: TestDatabase): Promise<string[]> {
  const run = promisify(execFile);
  const { stdout } = await run(`${server.binFolder}/pg_dump`, ['--schema-only', '--create', url], {
    maxBuffer: 2 ** 26,
  });
  return stdout.split('\n').filter((line) => line !== '' && !/^(--|\\|SET |SELECT pg_catalog.set_config)/.test(line));
}

/** Lines may repeat: each takes away one. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const place = left.indexOf(line);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}
