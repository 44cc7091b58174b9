import { openSampleCache } from './cache';
import type { Kind, Owner } from './releases';
import type { Answer, SampleParts, SampleRequest } from './request';
import { resources } from './resources';
import { openSampleStore, type Stored } from './store';

export interface Endpoints {
  get(id: string, request: SampleRequest): Promise<Answer>;
  list(request: SampleRequest): Promise<Answer>;
  create(request: SampleRequest): Promise<Answer>;
}

/** A row that the guard refused; `get` answers 404, as if there were none. */
class Refused extends Error {}

/** The three requests on sessions or assistants. Answers never carry an owner column. */
export function openSampleEndpoints({ release, pool, redis, log }: SampleParts, kind: Kind): Endpoints {
  const store = openSampleStore(pool, release, kind);
  const cache = openSampleCache(redis, release, kind, log);
  const notFound: Answer = { status: 404, body: { detail: `${capitalised(kind)} not found` } };

  async function load(id: string): Promise<Stored | undefined> {
    const cached = await cache.find(id);
    if (cached) return cached;
    const stored = await store.find(id);
    if (stored) await cache.put(stored);
    return stored;
  }

  function writeGuard(id: string, owner: Owner, { caller, report }: SampleRequest): void {
    const event = release.refusal(kind, owner, caller);
    if (!event) return;
    report('warning', event, {
      [`${kind}_id`]: id,
      [`has_${kind}_hash`]: Boolean(owner.owner_api_key_hash),
      has_request_key: caller.key !== undefined,
    });
    throw new Refused(`403: Access to this ${kind} is denied`);
  }

  async function get(id: string, request: SampleRequest): Promise<Answer> {
    const found = resources[kind].isId(id) ? await load(id) : undefined;
    if (!found) return notFound;
    writeGuard(id, found.owner, request);
    return { status: 200, body: found.content };
  }

  return {
    async get(id, request) {
      try {
        return await get(id, request);
      } catch (error) {
        // Sessions hide every failure behind a 404: a lost column looks like a session that is not there, and in the
        // log a wrong owner differs from it by the text of the error only.
        if (kind === 'session') {
          const text = (error as Error).message;
          request.report('error', 'Failed to retrieve session from database', { session_id: id, error: text });
          return notFound;
        }
        if (error instanceof Refused) return notFound;
        throw error;
      }
    },
    async list({ caller, limit }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 200) return unprocessable('expected "limit" from 1 to 200');
      return { status: 200, body: { items: await store.list(caller, limit) } };
    },
    async create({ caller, body, report }) {
      const content = typeof body === 'string' ? body : resources[kind].parse(body);
      if (typeof content === 'string') return unprocessable(content);
      const stored = await store.create(content, release.ownerOf(caller));
      await cache.put(stored);
      report('info', `${kind}_created`, { [`${kind}_id`]: content.id, owner_api_key_hash: caller.hash ?? null });
      return { status: 201, body: stored.content };
    },
  };
}

function unprocessable(detail: string): Answer {
  return { status: 422, body: { detail } };
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
