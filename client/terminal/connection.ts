import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { usageError } from './cli-error';
import { temporalFault, type TemporalPlace } from './temporal-fault';

/** What a command line says of Temporal; the rest is in the environment and the configuration file. */
export interface TemporalOptions {
  address?: string;
  namespace?: string;
  /** Of Temporal's configuration file. Absent = as `TEMPORAL_PROFILE` says, else `default`. */
  profile?: string;
}

/** A connected client, and the place where it is connected, for messages. */
export interface Connected {
  client: Client;
  connection: Connection;
  place: TemporalPlace;
}

const connectTimeout = '5 s';

/**
 * Connects as the `temporal` CLI does: options, then `TEMPORAL_…` variables, then the profile of its configuration file.
 *
 * @param identity what the server writes beside everything that this client does
 * @throws CliError that says what is wrong and what to do
 */
export async function connect(options: TemporalOptions, identity: string): Promise<Connected> {
  const { connectionOptions, namespace } = readConfiguration(options);
  const address = options.address ?? connectionOptions.address ?? 'localhost:7233';
  const place = { address, namespace: options.namespace ?? namespace ?? 'default' };
  try {
    const connection = await Connection.connect({ ...connectionOptions, address, connectTimeout });
    return { connection, place, client: new Client({ connection, namespace: place.namespace, identity }) };
  } catch (error) {
    throw temporalFault(error, place);
  }
}

function readConfiguration({ profile }: TemporalOptions): { connectionOptions: ConnectionOptions; namespace?: string } {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig(profile === undefined ? {} : { profile });
    const { address, tls, apiKey, metadata } = connectionOptions;
    return {
      connectionOptions: {
        ...(address === undefined ? {} : { address }),
        ...(tls === undefined ? {} : { tls }),
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(metadata === undefined ? {} : { metadata }),
      },
      ...(namespace === undefined ? {} : { namespace }),
    };
  } catch (error) {
    // A parser's message quotes the line, which may hold a key: only its first line is shown, which does not.
    const [what] = (error as Error).message.split('\n');
    throw usageError(
      `Expected Temporal's connection in the environment or its configuration file, found a fault: ${what}\n` +
        'Correct the variables TEMPORAL_…, or the file (TEMPORAL_CONFIG_FILE; "temporal config list" shows it).',
    );
  }
}
