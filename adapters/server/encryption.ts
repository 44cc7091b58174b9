import type { PostgresClient } from '../postgres/postgres';

/** How a session's bytes go over the network. */
export interface Encryption {
  /** False also where the server does not say. */
  encrypted: boolean;
  /** Such as `TLSv1.3`; null = not encrypted, or the server does not say. */
  version: string | null;
  /** By a socket of this machine, or its own address. */
  isLocal: boolean;
}

/** Of the session that asks; every role may see its own (PostgreSQL documentation, `pg_stat_ssl`). */
export async function readEncryption(client: PostgresClient): Promise<Encryption> {
  const { rows } = await client.query<Encryption>(
    `select coalesce(ssl, false) as encrypted, version,
            inet_server_addr() is null or inet_server_addr() <<= '127.0.0.0/8' or inet_server_addr() = '::1' as "isLocal"
       from (select pg_backend_pid() as pid) me left join pg_stat_ssl s using (pid)`,
  );
  return rows[0] ?? { encrypted: false, version: null, isLocal: false };
}
