import { parsePort, required, serveUntilTold } from './main';
import { openSampleServer } from './server';

/**
 * The sample application as a process; everything comes from the environment, since values may be secret:
 * SAMPLE_RELEASE (phase2, phase3), SAMPLE_DATABASE_URL, SAMPLE_REDIS_URL, SAMPLE_PORT (54000, as the real one; 0: free).
 * Its log is its stdout.
 */
void serveUntilTold(async () => {
  const { port, close } = await openSampleServer({
    release: required('SAMPLE_RELEASE'),
    databaseUrl: required('SAMPLE_DATABASE_URL'),
    redisUrl: required('SAMPLE_REDIS_URL'),
    port: parsePort('SAMPLE_PORT', 54_000),
    write: (line) => void process.stdout.write(`${line}\n`),
  });
  return { ready: { port }, close };
});
