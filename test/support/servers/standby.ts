import { join } from 'node:path';
import { type Child, startChild } from '../../../dev/servers/child';
import { withFreePorts } from '../../../dev/servers/free-port';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { databaseUser } from '../../../dev/servers/programs';
import { createOwnedFolder, createThrowAwayFolder } from '../../../dev/servers/throw-away-folder';
import { openPostgres } from '../../../adapters/postgres/postgres';

/** A server that follows another one and lets people read. Asks with `hot_standby_feedback` where it is told to. */
export interface Standby extends Child {
  /** As superuser, with the password of its primary. */
  url: string;
}

/** Takes about a second. `slot`: the primary makes one of this name, and keeps its log for it. */
export async function startStandby(
  primary: PostgresServer,
  { name, slot, feedback = false }: { name: string; slot?: string; feedback?: boolean },
): Promise<Standby> {
  return withFreePorts(1, async ([port = 0]) => {
    const folder = createThrowAwayFolder('standby');
    const dataFolder = createOwnedFolder(folder, 'data');
    const url = new URL(primary.url);
    url.port = String(port);
    const from = ['-h', primary.host, '-p', String(primary.port), '-U', primary.superuser];
    const slots = slot === undefined ? [] : ['--create-slot', '--slot', slot];
    const settings = { port, cluster_name: name, hot_standby_feedback: feedback, wal_receiver_status_interval: 1 };
    const child = await startChild({
      name: `standby ${name}`,
      program: join(primary.binFolder, 'postgres'),
      args: ['-D', dataFolder, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
      folder,
      env: { PGPASSWORD: primary.password },
      user: databaseUser(),
      prepare: (run) =>
        run(join(primary.binFolder, 'pg_basebackup'), [
          ...[...from, '-D', dataFolder, '--write-recovery-conf', '--checkpoint=fast', '--no-sync', ...slots],
        ]),
      isReady: () =>
        openPostgres({ url: url.href, applicationName: 'is it ready' }).withClient((client) =>
          client.query('select 1'),
        ),
      endSignals: ['SIGINT', 'SIGQUIT', 'SIGKILL'],
      killSignal: 'SIGQUIT',
    });
    return Object.assign(child, { url: url.href });
  });
}
