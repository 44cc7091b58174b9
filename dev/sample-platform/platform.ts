import { createControl } from './control';
import { closeServer, listen } from '../sample-application/http';
import { parsePort, required, serveUntilTold } from '../sample-application/main';
import { openSupervisor } from './supervisor';

/**
 * The sample platform as a process: the application behind a front, and the API that exchanges releases. From the
 * environment: SAMPLE_RELEASE, SAMPLE_DATABASE_URL, SAMPLE_REDIS_URL, SAMPLE_LOG_FILE (the application's log),
 * SAMPLE_FRONT_PORT (54000) and SAMPLE_CONTROL_PORT (54001; 0: free), SAMPLE_MAINTENANCE_BYPASS (the token, optional),
 * SAMPLE_HEALTH_LIMIT_MS (40000).
 */
void serveUntilTold(async () => {
  const supervisor = await openSupervisor({
    release: required('SAMPLE_RELEASE'),
    databaseUrl: required('SAMPLE_DATABASE_URL'),
    redisUrl: required('SAMPLE_REDIS_URL'),
    logFile: required('SAMPLE_LOG_FILE'),
    frontPort: parsePort('SAMPLE_FRONT_PORT', 54_000),
    bypassToken: process.env.SAMPLE_MAINTENANCE_BYPASS || undefined,
    healthLimitMs: Number(process.env.SAMPLE_HEALTH_LIMIT_MS || 40_000),
  });
  const control = createControl(supervisor);
  const controlPort = await listen(control, parsePort('SAMPLE_CONTROL_PORT', 54_001));
  return {
    ready: { frontPort: supervisor.frontPort, controlPort },
    async close() {
      await closeServer(control, 1_000);
      await supervisor.close();
    },
  };
});
