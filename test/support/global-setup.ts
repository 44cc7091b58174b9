import { openSharedServers, SHARED_SERVERS } from './servers/shared-servers';

/** Runs once before all test files; test processes inherit the variable. */
export default async function globalSetup(): Promise<void> {
  const servers = await openSharedServers();
  process.env[SHARED_SERVERS] = servers.url;
  closing.rubiconCloseServers = servers.close;
}

/** jest loads set-up and tear-down apart; what they share has to be global. */
export const closing = globalThis as { rubiconCloseServers?: () => Promise<void> };
