import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../../../dev/servers/postgres-server';
import { findPostgres18 } from '../../../dev/servers/programs';
import { startTemporal, type TemporalServer } from '../../../dev/servers/temporal-server';
import { startWatchdog } from '../../../dev/servers/watchdog';
import { layCopiedClusters } from './copied-clusters';
import { layExtendedPostgres } from './extended-postgres';

/** The facts of a PostgreSQL that a test process needs; the server itself is held by jest's main process. */
export type SharedPostgres = Pick<
  PostgresServer,
  'url' | 'host' | 'port' | 'superuser' | 'password' | 'dataFolder' | 'binFolder'
>;
export type SharedTemporal = Pick<TemporalServer, 'address'>;

/** Where test processes ask for the shared servers: the environment variable has the address. */
export const SHARED_SERVERS = 'RUBICON_TEST_SERVERS';

/**
 * Holds the servers that all test files of a run share, in jest's main process, which outlives its test processes. Each
 * is started when the first file asks for it, so that a run of pure tests starts none.
 */
export async function openSharedServers(): Promise<{ url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-test-'));
  const watchdog = startWatchdog([], folder); // removes it if the run is interrupted
  const stops: (() => Promise<void>)[] = [];
  const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    stops.push(() => server.stop());
    return server;
  };
  const postgres = async (name: string) => factsOf(await keep(startPostgres({ name })));
  const withCopiedClusters = (facts: SharedPostgres): SharedPostgres => {
    const { folder: laid, binFolder } = layCopiedClusters(facts.binFolder);
    stops.push(() => rm(laid, { recursive: true, force: true }));
    return { ...facts, binFolder };
  };
  const makers: Record<string, (argument: string) => Promise<unknown>> = {
    staging: () => postgres('PostgreSQL staging'),
    production: () => postgres('PostgreSQL production'),
    extended: async () => {
      const { folder: laid, binFolder } = layExtendedPostgres();
      const server = await startPostgres({
        ...{ name: 'PostgreSQL extended', binFolder },
        settings: { shared_preload_libraries: 'pg_stat_statements' },
      });
      stops.push(() => server.stop().finally(() => rmSync(laid, { recursive: true, force: true })));
      return withCopiedClusters(factsOf(server));
    },
    postgres18: async () =>
      withCopiedClusters(factsOf(await keep(startPostgres({ name: 'PostgreSQL 18', binFolder: findPostgres18() })))),
    temporal: async () => {
      const { address } = await keep(startTemporal({ ui: false }));
      return { address };
    },
    bundle: async (workflowsPath) => {
      const { bundleWorkflowCode } = await import('@temporalio/worker'); // slow to load: only when wanted
      const { code } = await bundleWorkflowCode({ workflowsPath, logger: silent });
      const codePath = join(folder, `bundle-${randomBytes(4).toString('hex')}.js`);
      writeFileSync(codePath, code);
      return { codePath };
    },
  };

  const made = new Map<string, Promise<unknown>>();
  const secret = randomBytes(16).toString('hex');
  const http = createServer((request, response) => {
    response.setHeader('connection', 'close'); // a kept one can be closed at the moment in which it is used again
    const [, token, kind = '', argument = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
    const make = token === secret ? makers[kind] : undefined;
    if (!make) return void response.writeHead(404).end();
    const key = `${kind}/${argument}`;
    const answer = made.get(key) ?? make(argument);
    made.set(key, answer);
    answer.then(
      (facts) => response.end(JSON.stringify(facts)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/${secret}`,
    close: async () => {
      await Promise.allSettled(made.values()); // one that is starting would be left
      await Promise.all(stops.map((stop) => stop()));
      http.closeAllConnections();
      http.close();
      rmSync(folder, { recursive: true, force: true });
      watchdog.dismiss();
    },
  };
}

const ignore = () => {};
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function factsOf(server: PostgresServer): SharedPostgres {
  const { url, host, port, superuser, password, dataFolder, binFolder } = server;
  return { url, host, port, superuser, password, dataFolder, binFolder };
}
