import { createFront, openUpstream, type FrontState, type Upstream } from './front';
import { closeServer, listen } from '../sample-application/http';
import { startSampleApplication, type SampleApplication } from './process';
import { parseRelease, type Release } from '../sample-application/releases';

const DRAIN_LIMIT_MS = 10_000;

export interface SupervisorSettings {
  release: string;
  databaseUrl: string;
  redisUrl: string;
  logFile: string;
  /** 0: a free one. */
  frontPort: number;
  /** Undefined: nobody passes the front in maintenance. */
  bypassToken: string | undefined;
  /** A release that is not healthy by then is not served. */
  healthLimitMs: number;
}

/** What `GET /state` shows. Instants are ISO strings. */
export interface PlatformState {
  release: string;
  commit: string;
  /** When this release, or its restart, began to serve. */
  since: string;
  maintenance: boolean;
  maintenanceSince: string | null;
  /** Of the application's process. */
  pid: number;
}

/** What stands for the customer's platform: it runs one release behind a front and exchanges it without a failed request. */
export interface Supervisor {
  frontPort: number;
  state(): PlatformState;
  /** Answers when the old release has served its last request. False: it runs already, nothing done. */
  deploy(release: string): Promise<boolean>;
  restart(): Promise<void>;
  /** Answers when the requests from before are done. False: it was so already. */
  setMaintenance(on: boolean): Promise<boolean>;
  close(): Promise<void>;
}

interface Running {
  release: Release;
  application: SampleApplication;
  upstream: Upstream;
  since: string;
}

export async function openSupervisor(settings: SupervisorSettings): Promise<Supervisor> {
  let current = await start(parseRelease(settings.release), settings);
  let maintenanceSince: string | null = null;
  const front: FrontState = { upstream: current.upstream, maintenance: false, bypassToken: settings.bypassToken };
  const server = createFront(front);
  const frontPort = await listen(server, settings.frontPort);

  let turn: Promise<unknown> = Promise.resolve();
  /** One exchange at a time, in the order of the orders. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function exchange(release: Release): Promise<void> {
    const old = current;
    current = await start(release, settings);
    front.upstream = current.upstream;
    await drained(old.upstream);
    old.upstream.agent.destroy();
    await old.application.stop();
  }

  return {
    frontPort,
    state: () => ({
      release: current.release.name,
      commit: current.release.commit,
      since: current.since,
      maintenance: front.maintenance,
      maintenanceSince,
      pid: current.application.pid,
    }),
    deploy: (name) =>
      inTurn(async () => {
        const release = parseRelease(name);
        if (release === current.release) return false;
        await exchange(release);
        return true;
      }),
    restart: () => inTurn(() => exchange(current.release)),
    async setMaintenance(on) {
      if (front.maintenance === on) return false;
      front.maintenance = on;
      maintenanceSince = on ? new Date().toISOString() : null;
      if (on) await drained(front.upstream);
      return true;
    },
    close: () =>
      inTurn(async () => {
        await closeServer(server, 1_000);
        current.upstream.agent.destroy();
        await current.application.stop();
      }),
  };
}

/** Starts a release and waits until its own health names it; a release that does not get healthy is stopped again. */
async function start(release: Release, settings: SupervisorSettings): Promise<Running> {
  const application = await startSampleApplication({ ...settings, release: release.name });
  const upstream = openUpstream(application.url);
  const deadlineMs = Date.now() + settings.healthLimitMs;
  while (!(await isHealthy(application.url, release))) {
    if (Date.now() > deadlineMs) {
      await application.stop();
      throw new Error(`expected "${release.name}" to be healthy within ${settings.healthLimitMs} ms; its log says why`);
    }
    await pause(100);
  }
  return { release, application, upstream, since: new Date().toISOString() };
}

async function isHealthy(url: string, release: Release): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    const { release: name } = (await response.json()) as { release?: string };
    return response.ok && name === release.name;
  } catch {
    return false;
  }
}

/** Waits until nothing is in flight, 10 s at most: a request that hangs on a lock must not hold up a deployment for ever. */
async function drained(upstream: Upstream): Promise<void> {
  const deadlineMs = Date.now() + DRAIN_LIMIT_MS;
  while (upstream.inFlight > 0 && Date.now() < deadlineMs) await pause(10);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
