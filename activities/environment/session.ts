import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Environment } from './environment';

/** Where a piece of an effect works, and until when. */
export interface Session {
  /** One session of the environment's database. */
  client: PostgresClient;
  environment: Environment;
  /** Cancelled by an abort, or when the attempt's time is over. */
  signal: AbortSignal;
}
