import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import pino from 'pino';
import type { Role } from '../contract/names';
import { checkSearchAttributes } from './search-attributes';
import { loadSettings } from './settings';
import { startWorkers } from './start-workers';

export interface RunWorkerOptions {
  roles: readonly Role[];
  /** Settings file; default RUBICON_CONFIG, else `rubicon.yaml`. */
  config?: string;
}

/** Runs until SIGTERM or SIGINT. @throws SettingsFault, or an Error whose message says what to do */
export async function runWorker({ roles, config }: RunWorkerOptions): Promise<void> {
  const settings = loadSettings({ roles, ...(config !== undefined && { file: config }) });
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
  for (const warning of settings.warnings) log.warn(warning);
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      log[levels[level]]({ ...meta }, message);
    }),
    shutdownSignals: [],
  });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await NativeConnection.connect({ ...connectionOptions, address }).catch((error: unknown) => {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`expected Temporal at ${address}, found: ${found}; set TEMPORAL_ADDRESS, or start a server`);
  });
  try {
    const checking = await Connection.connect({ ...connectionOptions, address });
    await checkSearchAttributes(checking, namespace).finally(() => checking.close());
    const name = process.env['RUBICON_WORKER_IDENTITY'] ?? `${process.pid}@${hostname()}`;
    const workers = await startWorkers({ connection, namespace, settings, roles, identity: name });
    log.info({ roles, namespace, address }, 'worker takes tasks');
    const ended = untilSignal().then(() => workers.shutdown());
    await Promise.race([ended, workers.finished]);
    await workers.shutdown();
  } finally {
    await connection.close();
  }
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
