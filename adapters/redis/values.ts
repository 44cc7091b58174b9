import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { fieldKinds } from './fields';
import { nameTest, scanServers, type ScanOptions } from './names';
import { everyAnswer } from './pipeline';

/** Which values are looked at, and for what. */
export interface FindFieldOptions extends ScanOptions {
  /** Prefixes followed by `*`. */
  patterns: readonly string[];
  /** Exact name of a field, at any depth; `owner_api_key` is not found in `owner_api_key_hash`. */
  field: string;
  /** Most values to look at. Default 10,000. */
  limit?: number | undefined;
}

/** How many cached values have a field. Counts only: the values hold what must not leave. */
export interface FieldCount {
  /** Keys that match. */
  matching: number;
  /** Those whose value was looked at: all of them, or `limit`, in Redis's own order, which is as good as chance. */
  inspected: number;
  /** Values that have it, with anything but null. */
  present: number;
  /** Values in JSON that have it, with null alone. */
  presentButNull: number;
  /** Values that were read to their end and do not have it. */
  absent: number;
  /** Too large to be looked at, compressed, or of a type that is not known. */
  unreadable: number;
  /** Removed before they could be looked at. */
  gone: number;
}

const valuesAtOnce = 50; // so that a batch stays below 13 MB

/** Looks for a field in the values of keys that match, whatever their type. */
export async function findField(servers: readonly Redis[], options: FindFieldOptions): Promise<FieldCount> {
  const kinds = { present: 0, presentButNull: 0, absent: 0, unreadable: 0, gone: 0 };
  const count: FieldCount = { matching: 0, inspected: 0, ...kinds };
  const isMeant = nameTest(options.patterns);
  const left = new Map(servers.map((server) => [server, Math.ceil((options.limit ?? 10_000) / servers.length)]));
  let scanned = 0;
  for await (const { server, names } of scanServers(servers, options.signal)) {
    const meant = names.filter(isMeant);
    const wanted = meant.slice(0, left.get(server));
    left.set(server, (left.get(server) ?? 0) - wanted.length);
    for (const some of chunks(wanted, valuesAtOnce)) {
      for (const kind of await fieldKinds(server, some, options.field)) count[kind] += 1;
    }
    count.matching += meant.length;
    count.inspected += wanted.length;
    scanned += names.length;
    options.onProgress?.({ pass: 1, scanned, removed: 0 });
  }
  return count;
}

/** What keys and values are, without showing any. */
export interface KeysDigest {
  /** How many it is over, each counted once. */
  keys: number;
  /** Over names and values in an order of its own; the time to live is not part of it. */
  sha256: string;
}

/**
 * A digest over all keys that match none of the patterns: equal before and after means untouched, bit for bit. Meant for
 * rehearsals and tests (live primary data changes by itself); needs 32 bytes a key.
 */
export async function digestOthers(
  servers: readonly Redis[],
  { exclude, signal }: ScanOptions & { exclude: readonly string[] },
): Promise<KeysDigest> {
  const isExcluded = nameTest(exclude);
  const digests = new Set<string>(); // SCAN may name a key twice
  for await (const { server, names: batch } of scanServers(servers, signal)) {
    for (const names of chunks(
      batch.filter((name) => !isExcluded(name)),
      valuesAtOnce,
    )) {
      const dumps = await everyAnswer(server.pipeline(names.map((name) => ['dumpBuffer', name])));
      dumps.forEach((dump, index) => {
        const name = names[index];
        if (!Buffer.isBuffer(dump) || name === undefined) return;
        digests.add(createHash('sha256').update(`${name.length}:`).update(name).update(dump).digest('base64'));
      });
    }
  }
  const whole = createHash('sha256');
  for (const digest of [...digests].sort()) whole.update(digest);
  return { keys: digests.size, sha256: whole.digest('hex') };
}

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
