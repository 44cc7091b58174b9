import pg from 'pg';
import type { PostgresSettings } from './postgres';
import { PostgresError } from './postgres-error';

/**
 * A connection as environment variables of a client program, for it alone: a command line can be read by everyone on
 * the machine. Encryption is never weaker than that of our own sessions.
 *
 * @throws PostgresError with the reaction `hold` for a URL that is none; it does not quote it
 */
export function toolConnection(settings: PostgresSettings, applicationName: string): Record<string, string> {
  const { host, port, user, database, password } = parse(settings.url);
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database ?? '',
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: String(Math.ceil((settings.connectTimeoutMs ?? 5_000) / 1_000)),
    ...(user === undefined ? {} : { PGUSER: user }),
    ...(typeof password === 'string' ? { PGPASSWORD: password } : {}),
    ...encryption(settings.url),
  };
}

function parse(url: string): pg.Client {
  try {
    return new pg.Client({ connectionString: url }); // connects to nothing
  } catch {
    throw new PostgresError('expected a URL such as postgres://user@host:5432/database; correct the setting', {
      reaction: 'hold',
    });
  }
}

function encryption(url: string): Record<string, string> {
  const parameters = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1] ?? '');
  const files: Record<string, string> = {};
  for (const [parameter, variable] of [
    ['sslrootcert', 'PGSSLROOTCERT'],
    ['sslcert', 'PGSSLCERT'],
    ['sslkey', 'PGSSLKEY'],
  ] as const) {
    const file = parameters.get(parameter);
    if (file !== null) files[variable] = file;
  }
  const plainly = ['true', '1'].includes(parameters.get('ssl') ?? '') ? 'verify-full' : undefined;
  const mode = parameters.get('sslmode') ?? plainly ?? process.env.PGSSLMODE;
  if (mode === undefined) return files;
  if (mode === 'no-verify') return { ...files, PGSSLMODE: 'require' };
  // `pg` verifies the server in all these modes, libpq only if it is told so.
  const verified =
    ['prefer', 'require', 'verify-ca', 'verify-full'].includes(mode) && !parameters.has('uselibpqcompat');
  if (!verified) return { ...files, PGSSLMODE: mode };
  return { PGSSLROOTCERT: process.env.PGSSLROOTCERT ?? 'system', ...files, PGSSLMODE: 'verify-full' };
}
