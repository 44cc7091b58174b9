import type { Redis } from 'ioredis';
import { hashOfKey } from './sample-key';
import type { SampleLog } from './log';
import type { Kind, Owner, Release } from './releases';
import type { Stored } from './store';
import type { Content } from './resources';

type Entry = Content & Owner;

const ENTRY_TTL_SECONDS = 24 * 60 * 60;

/** Cache entries `session:<id>`, `assistant:<id>` (24 h) and the owner indexes `<kind>:owner:<hash>` (no expiry). */
export interface SampleCache {
  find(id: string): Promise<Stored | undefined>;
  /** Puts the entry as this release writes it; the owner index gets its id. */
  put(stored: Stored): Promise<void>;
}

/** A Redis that is down costs speed, not requests: `/health` tells. */
export function openSampleCache(redis: Redis, release: Release, kind: Kind, log: SampleLog): SampleCache {
  const unlessDown = <T>(work: Promise<T>) =>
    work.catch((error: Error) => void log.event('warning', 'cache_unavailable', { error: error.message }));

  return {
    async find(id) {
      const text = await unlessDown(redis.get(`${kind}:${id}`));
      return text ? parseEntry(text) : undefined;
    },
    async put({ content, owner }) {
      const entry = JSON.stringify({ ...content, ...release.cachedOwner(kind, owner) });
      const batch = redis.pipeline().set(`${kind}:${content.id}`, entry, 'EX', ENTRY_TTL_SECONDS);
      const hash = owner.owner_api_key_hash ?? (owner.owner_api_key ? hashOfKey(owner.owner_api_key) : undefined);
      if (hash) batch.sadd(`${kind}:owner:${hash}`, content.id);
      await unlessDown(batch.exec());
    },
  };
}

/** Entries of either release: a field that its writer did not know is absent, and the guard treats it so. */
function parseEntry(text: string): Stored {
  const { owner_api_key = null, owner_api_key_hash = null, ...content } = JSON.parse(text) as Entry;
  return { content, owner: { owner_api_key, owner_api_key_hash } };
}
