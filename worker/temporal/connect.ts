import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { safeMessage } from '../../adapters/programs/secret-text';

/** A connection to Temporal and where it leads, for messages. */
export interface Connected {
  /** The caller closes it. */
  connection: NativeConnection;
  /** Default `default`. */
  namespace: string;
  /** `host:port`; default `localhost:7233`. */
  address: string;
}

/**
 * Connects as the `temporal` CLI does: variables `TEMPORAL_…`, then the profile of its configuration file.
 *
 * @throws Error that says what was expected, what was found, and what to do
 */
export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<Connected> {
  const { connectionOptions, namespace = 'default' } = readConfiguration(env);
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await NativeConnection.connect({ ...connectionOptions, address }).catch((error: unknown) => {
    throw new Error(notThere(address, error));
  });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await connection.close();
    throw new Error(noNamespace(namespace, address, error));
  }
  return { connection, namespace, address };
}

/** What the `temporal` CLI would use. @throws Error that says what is wrong, and quotes no key */
export function readConfiguration(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  try {
    const overrideEnvVars = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
    return loadClientConnectConfig({ overrideEnvVars: overrideEnvVars as Record<string, string> });
  } catch (error) {
    // A parser's message quotes the line, which may hold a key: only its first line does not.
    const what = safeMessage((error as Error).message.split('\n')[0]);
    throw new Error(
      `expected Temporal's connection in the environment or its configuration file, found a fault: ${what}; ` +
        'correct the variables TEMPORAL_…, or the file ("temporal config list" shows it)',
    );
  }
}

/** For those who find no server. */
export const notThere = (address: string, error: unknown): string =>
  `expected Temporal at ${address}, found: ${inWords(error)}; start it, or set TEMPORAL_ADDRESS to where it is`;

/** For those who find the server without the namespace. */
export const noNamespace = (namespace: string, address: string, error: unknown): string =>
  `expected namespace "${namespace}" at ${address}, found: ${inWords(error)}; ` +
  `create it ("temporal operator namespace create -n ${namespace}"), or set TEMPORAL_NAMESPACE`;

/** The SDK's native part wraps the system's words into several layers of its own. */
const inWords = (error: unknown): string => {
  const text = safeMessage(error);
  return /message: "([^"]+)"/.exec(text)?.[1] ?? text;
};
