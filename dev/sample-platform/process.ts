import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 12_000;

export interface ApplicationSettings {
  /** `phase2` or `phase3`. */
  release: string;
  databaseUrl: string;
  redisUrl: string;
  /** Default: a free one. */
  port?: number;
  /** The application's stdout and stderr are appended here; created if absent. */
  logFile: string;
}

export interface SampleApplication {
  url: string;
  pid: number;
  /** Ends it with SIGTERM (requests in flight are answered), after 12 s with SIGKILL; fine to call twice. */
  stop(): Promise<void>;
  /** `kill -9`, for tests of what a sudden death leaves behind. */
  kill(): Promise<void>;
}

/** Starts one release of the sample application as a child process, which dies with this process. */
export async function startSampleApplication(settings: ApplicationSettings): Promise<SampleApplication> {
  const { ready, ...child } = await startSampleProcess<{ port: number }>(
    require.resolve('../sample-application/sample-application'),
    settings.logFile,
    {
      SAMPLE_RELEASE: settings.release,
      SAMPLE_DATABASE_URL: settings.databaseUrl,
      SAMPLE_REDIS_URL: settings.redisUrl,
      SAMPLE_PORT: String(settings.port ?? 0),
    },
  );
  return { url: `http://127.0.0.1:${ready.port}`, ...child };
}

export interface PlatformSettings extends Omit<ApplicationSettings, 'port'> {
  /** Defaults: free ones. */
  frontPort?: number;
  controlPort?: number;
  /** Value of the header `X-Maintenance-Bypass` that passes in maintenance. Default: nobody passes. */
  bypassToken?: string;
  /** A new release that is not healthy by then is given up, and the old one goes on. Default 40 s. */
  healthLimitMs?: number;
}

export interface SamplePlatform extends Omit<SampleApplication, 'url'> {
  /** Where clients send their requests, whatever release runs. */
  frontUrl: string;
  /** `GET /state`, `POST /deploy`, `/restart`, `/maintenance`; see `control.ts`. */
  controlUrl: string;
}

/** Starts the platform (front, control API, the first release) as a child process, which dies with this process. */
export async function startSamplePlatform(settings: PlatformSettings): Promise<SamplePlatform> {
  const { ready, ...child } = await startSampleProcess<{ frontPort: number; controlPort: number }>(
    require.resolve('./platform'),
    settings.logFile,
    {
      SAMPLE_RELEASE: settings.release,
      SAMPLE_DATABASE_URL: settings.databaseUrl,
      SAMPLE_REDIS_URL: settings.redisUrl,
      SAMPLE_LOG_FILE: settings.logFile,
      SAMPLE_FRONT_PORT: String(settings.frontPort ?? 0),
      SAMPLE_CONTROL_PORT: String(settings.controlPort ?? 0),
      SAMPLE_MAINTENANCE_BYPASS: settings.bypassToken ?? '',
      SAMPLE_HEALTH_LIMIT_MS: String(settings.healthLimitMs ?? ''),
    },
  );
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return { frontUrl: at(ready.frontPort), controlUrl: at(ready.controlPort), ...child };
}

/** Starts a sample process from source and waits until it serves; throws with its own words if it does not. */
async function startSampleProcess<Ready>(file: string, logFile: string, environment: Record<string, string>) {
  // The file itself, not a pipe: what was logged stays complete however this process or the child ends.
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), file], {
    // Bare, so that none of our secrets gets there by accident; tsx keeps its cache in the temporary folder.
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR ?? tmpdir(), ...environment },
    stdio: ['ignore', log, log, 'ipc'],
    detached: true, // Ctrl-C in the terminal is for us alone: we end it in our own order
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  async function end(signal: NodeJS.Signals): Promise<void> {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
  }

  try {
    const ready = await firstWord<Ready>(child, file, logFile);
    // A process that forgot to stop it can end all the same, and the child then ends with it.
    child.unref();
    child.channel?.unref();
    return { ready, pid: child.pid!, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

function firstWord<Ready>(child: ChildProcess, file: string, logFile: string): Promise<Ready> {
  return new Promise<Ready>((resolve, reject) => {
    const fail = (why: string) => () =>
      reject(new Error(`expected ${basename(file)} to serve, but it ${why}; see ${logFile}`));
    const limit = setTimeout(fail('needs more than 60 s'), START_LIMIT_MS);
    child.once('exit', () => clearTimeout(limit));
    child.once('exit', fail('ended'));
    child.once('error', reject);
    child.once('message', (message: { ready: Ready } | { failed: string }) => {
      clearTimeout(limit);
      if ('ready' in message) resolve(message.ready);
      else fail(`says: ${message.failed}`)();
    });
  });
}
