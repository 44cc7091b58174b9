import { rmSync } from 'node:fs';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { startWatchdog } from '../../../dev/servers/watchdog';
import { layCopiedClusters } from '../servers/copied-clusters';
import { openSharedServers, SHARED_SERVERS } from '../servers/shared-servers';

/** Runs once before all test files; test processes inherit the variables. */
export default async function globalSetup(): Promise<void> {
  const servers = await openSharedServers();
  process.env[SHARED_SERVERS] = servers.url;
  const clusters = layCopiedClusters(findPostgresFolder());
  const watchdog = startWatchdog([], clusters.folder);
  process.env['RUBICON_POSTGRES_BIN'] = clusters.binFolder;
  closing.rubiconCloseServers = async () => {
    await servers.close();
    rmSync(clusters.folder, { recursive: true, force: true });
    watchdog.dismiss();
  };
}

/** jest loads set-up and tear-down apart; what they share has to be global. */
export const closing = globalThis as { rubiconCloseServers?: () => Promise<void> };
