import { createServer, type IncomingMessage, type Server } from 'node:http';
import { answer, readBody } from '../sample-application/http';
import type { Answer } from '../sample-application/request';
import type { Supervisor } from './supervisor';

/**
 * The platform's API, as a CD would offer it; on loopback and without authentication. Every order says in `changed`
 * whether it changed anything, and answers when it is done, so it is safe to send twice.
 * Fields may come as a JSON body or in the query: `POST /maintenance?on=true`.
 */
export function createControl(supervisor: Supervisor): Server {
  return createServer((incoming, outgoing) => {
    void obey(supervisor, incoming).then(
      ({ status, body }) => answer(outgoing, status, body),
      (error: Error) => answer(outgoing, 500, { error: error.message, state: supervisor.state() }),
    );
  });
}

async function obey(supervisor: Supervisor, incoming: IncomingMessage): Promise<Answer> {
  const body = await readBody(incoming);
  if (typeof body === 'string') return refuse(body);
  const [path, query] = (incoming.url ?? '/').split('?');
  const fields: Record<string, unknown> = { ...Object.fromEntries(new URLSearchParams(query)), ...body };

  switch (`${incoming.method} ${path}`) {
    case 'GET /state':
      return { status: 200, body: supervisor.state() };
    case 'POST /deploy': {
      const { release } = fields;
      if (release !== 'phase2' && release !== 'phase3')
        return refuse('expected {"release": "phase2"} or {"release": "phase3"}');
      return done(supervisor, await supervisor.deploy(release));
    }
    case 'POST /restart':
      await supervisor.restart();
      return done(supervisor, true);
    case 'POST /maintenance': {
      const on = String(fields.on);
      if (on !== 'true' && on !== 'false') return refuse('expected {"on": true} or {"on": false}');
      return done(supervisor, await supervisor.setMaintenance(on === 'true'));
    }
    default:
      return { status: 404, body: { error: 'expected GET /state or POST /deploy, /restart, /maintenance' } };
  }
}

function done(supervisor: Supervisor, changed: boolean): Answer {
  return { status: 200, body: { changed, ...supervisor.state() } };
}

function refuse(error: string): Answer {
  return { status: 400, body: { error } };
}
