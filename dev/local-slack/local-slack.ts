import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { readBody, sendJson, serveApi } from './api';
import { openFaults, parseFault } from './faults';
import { openInteractions, type Interactions, type LocalClick } from './interactions';
import { servePage } from './page';
import { openStore, type LocalFilter, type LocalMessage, type LocalWorkspace, type Store } from './store';

export type { LocalMessage } from './store';

type Faults = ReturnType<typeof openFaults>;

export interface LocalSlackSettings extends Omit<LocalWorkspace, 'apps'> {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** The installed apps; default `localApps`. */
  readonly apps?: LocalWorkspace['apps'] | undefined;
  /** Keeps the messages over a restart. */
  readonly storeFile?: string | undefined;
}

export interface LocalSlack {
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  /** The page for people; `/c/<id of channel or person>` shows one conversation. */
  readonly pageUrl: string;
  readonly port: number;
  messages(filter?: LocalFilter): LocalMessage[];
  /** Faults of single calls; `down` refuses every connection, page included, until `up`. */
  readonly faults: Faults & { down(): Promise<void>; up(): Promise<void> };
  /** From now on this person is so. */
  changeUser(id: string, change: Partial<Omit<LocalWorkspace['users'][number], 'id'>>): void;
  /** What people click, and the sockets by which apps hear of it. */
  readonly interactions: Interactions;
  /** Its apps, in the order of the settings: for payloads of one's own. */
  readonly bots: Store['bots'];
  close(): Promise<void>;
}

/** Two apps, as in production: one token announces, the other sends codes, and neither reads the other's messages. */
export const localApps = [
  { token: 'xoxb-local-announcements', name: 'Rubicon' },
  { token: 'xoxb-local-codes', appToken: 'xapp-local-codes', name: 'Rubicon codes' },
] as const;

/**
 * A Slack of our own on loopback: the Web API as the real client speaks it, and a page that shows what people would see.
 * For tests and the demo; the rules it enforces are Slack's, so that what passes here is accepted there.
 */
export async function startLocalSlack(settings: LocalSlackSettings): Promise<LocalSlack> {
  const { users, channels, apps = localApps, storeFile } = settings;
  const store = openStore({ users, channels, apps }, storeFile);
  const faults = openFaults();
  const interactions = openInteractions(store, () => `127.0.0.1:${port}`);
  const server = createServer((request, response) => {
    serve({ request, response, store, interactions, faults }).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, { ok: false, error: String(error) }, 400);
    });
  });
  server.on('upgrade', (request, socket, head) => interactions.sockets.upgrade(request, socket, head));
  const port = await listen(server, settings.port ?? 0);
  const end = () => (interactions.sockets.cut(), close(server));
  const pageUrl = `http://127.0.0.1:${port}/`;
  return {
    apiUrl: `${pageUrl}api/`,
    pageUrl,
    port,
    messages: (filter) => store.messages(filter),
    changeUser: (id, change) => void Object.assign(store.users.find((user) => user.id === id) ?? {}, change),
    faults: { ...faults, down: end, up: async () => void (await listen(server, port)) },
    ...{ interactions, bots: store.bots, close: end },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: Store;
  readonly interactions: Interactions;
  readonly faults: Faults;
}

async function serve({ request, response, store, interactions, faults }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  if (url.pathname.startsWith('/api/')) {
    const method = url.pathname.slice('/api/'.length);
    return serveApi({ method, request, response, store, interactions, fault: faults.take(method) });
  }
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /local/messages': {
      const filter = { channel: query('channel'), user: query('user'), after: query('after') };
      return sendJson(response, { messages: store.messages(filter) });
    }
    case 'POST /local/faults':
      faults.inject(parseFault(await readJson(request)));
      return sendJson(response, { ok: true });
    case 'DELETE /local/faults':
      faults.clear();
      return sendJson(response, { ok: true });
    case 'POST /local/click':
      return sendJson(response, await interactions.click((await readJson(request)) as LocalClick));
    case 'POST /local/submit': {
      const { view, values } = (await readJson(request)) as { view: string; values: Record<string, string> };
      return sendJson(response, await interactions.submit(view, values));
    }
    case 'POST /local/dismiss':
      interactions.dismiss(((await readJson(request)) as { view: string }).view);
      return sendJson(response, { ok: true });
    default:
      return servePage(url, response, { store, interactions });
  }
}

const readJson = async (request: IncomingMessage): Promise<unknown> => JSON.parse((await readBody(request)) ?? 'null');

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** As a process of its own: says where it is in one JSON line and stays until it is told to stop. */
async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, store: { type: 'string' }, workspace: { type: 'string' } },
  });
  // Tokens stand in a file: arguments are visible to every process of the machine.
  const workspace =
    values.workspace === undefined
      ? sampleWorkspace
      : (JSON.parse(readFileSync(values.workspace, 'utf8')) as LocalWorkspace);
  const port = values.port === undefined ? undefined : Number(values.port);
  const slack = await startLocalSlack({ ...workspace, port, storeFile: values.store });
  console.log(JSON.stringify({ apiUrl: slack.apiUrl, pageUrl: slack.pageUrl, port: slack.port }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void slack.close());
}

const sampleWorkspace = {
  users: [
    { id: 'U0ADA', name: 'ada', realName: 'Ada Lovelace', email: 'ada@example.com', title: 'Engineering lead' },
    {
      id: 'U0GRACE',
      name: 'grace',
      realName: 'Grace Hopper',
      email: 'grace@example.com',
      title: 'Database administrator',
    },
  ],
  channels: [{ id: 'C0ROLLOUTS', name: 'rollouts', topic: 'What is being changed, and how far it is' }],
};

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
