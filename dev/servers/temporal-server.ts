import { connect } from 'node:net';
import { searchAttributes as rolloutAttributes } from '../../contract/run/names';
import { type Child, startChild } from './child';
import { withFreePorts } from './free-port';
import { findProgram } from './programs';
import { createThrowAwayFolder } from './throw-away-folder';

export interface TemporalOptions {
  /** Registered at the start, besides `default`. Default none. */
  namespaces?: readonly string[];
  /** Makes workflows survive `restart`; the file is the caller's and stays. Default: in memory. */
  dbFilename?: string;
  /** Whether to serve Temporal UI. Default true. */
  ui?: boolean;
  /** Search attributes of type Keyword. Default the four that rollouts use. */
  searchAttributes?: readonly string[];
}

/** A Temporal dev server of its own. */
export interface TemporalServer extends Child {
  /** `host:port` of the gRPC service. */
  readonly address: string;
  /** Of Temporal UI, without a slash at the end; undefined without UI. */
  readonly uiUrl: string | undefined;
  /** The first of the wanted namespaces, else `default`. */
  readonly namespace: string;
}

const DYNAMIC_CONFIG = {
  // For tests of true durations: the server skips the time in which nothing runs.
  'frontend.WorkflowTimeSkippingEnabled': true,
  'frontend.WorkflowPauseEnabled': true,
  // Timers fire up to a second late by default, which short ones of tests and the demo would feel.
  'history.timerProcessorMaxTimeShift': '10ms',
};

/** Starts Temporal on free loopback ports. Takes about 0.4 s, 150 MB of memory. */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const namespaces = options.namespaces ?? [];
  const attributes = options.searchAttributes ?? rolloutAttributes;
  const withUi = options.ui ?? true;
  return withFreePorts(4, async ([port = 0, httpPort = 0, metricsPort = 0, uiPort = 0]) => {
    const address = `127.0.0.1:${port}`;
    const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error', '--disable-config-file'];
    args.push('--port', `${port}`, '--http-port', `${httpPort}`, '--metrics-port', `${metricsPort}`);
    args.push(...(withUi ? ['--ui-port', `${uiPort}`, '--ui-disable-news-fetch'] : ['--headless']));
    args.push(...namespaces.flatMap((name) => ['--namespace', name]));
    args.push(...attributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]));
    for (const [key, value] of Object.entries(DYNAMIC_CONFIG)) {
      args.push('--dynamic-config-value', `${key}=${JSON.stringify(value)}`);
    }
    if (options.dbFilename) args.push('--db-filename', options.dbFilename);
    const child = await startChild({
      name: 'Temporal',
      program: findProgram('temporal'),
      args,
      folder: createThrowAwayFolder('temporal'),
      isReady: () => checkServing(port, ['default', ...namespaces], attributes),
      // Without a file there is nothing to write at the end, which takes it a second.
      endSignals: options.dbFilename ? ['SIGTERM', 'SIGKILL'] : ['SIGKILL'],
    });
    const uiUrl = withUi ? `http://127.0.0.1:${uiPort}` : undefined;
    return Object.assign(child, { address, uiUrl, namespace: namespaces[0] ?? 'default' });
  });
}

/** Listening is not enough: namespaces and search attributes come a moment later. */
async function checkServing(port: number, namespaces: string[], attributes: readonly string[]): Promise<void> {
  await checkListening(port); // gRPC, once refused, pauses for a second
  const { Connection } = await import('@temporalio/client'); // slow to load: only when wanted
  const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: '2 seconds' });
  try {
    for (const namespace of namespaces) {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = attributes.filter((name) => !(name in (customAttributes ?? {})));
      if (missing.length > 0) throw new Error(`namespace ${namespace} has no ${missing.join(', ')} yet`);
    }
  } finally {
    await connection.close();
  }
}

function checkListening(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
