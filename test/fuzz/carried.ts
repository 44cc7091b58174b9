import type { Client } from 'pg';
import type { Part } from './make/parts';
import type { FuzzServer } from './server';

/** A case on its way. */
export interface Carried {
  server: FuzzServer;
  database: string;
  /** As superuser. */
  client: Client;
  told: { step: string; remedied: string[] };
  parts: readonly Part[];
  isProven: boolean;
}

/** What is wrong with a case that neither went there and back nor was refused as it should be. */
export interface Fault {
  outcome: 'fault';
  /** The same for the same fault, whatever the names: a case may be made smaller as long as it stays. */
  kind: string;
  text: string;
}
