import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { TestDatabase } from '../servers/servers';

/** All definitions of a database, as `pg_dump` of its own version prints them. */
export function dumpDefinitions({ url, server }: Pick<TestDatabase, 'url' | 'server'>): string {
  const dump = execFileSync(path.join(server.binFolder, 'pg_dump'), ['--schema-only', url], { encoding: 'utf8' });
  return dump.replaceAll(/^\\(?:un)?restrict .*$/gm, '');
}
