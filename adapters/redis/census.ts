import type { Redis } from 'ioredis';
import { prefixOf, scanServers, type ScanOptions } from './names';

/** How many keys there are of each kind. Never a whole name: names may hold API keys. */
export interface RedisCensus {
  /** Of this database on all servers. SCAN may name a key twice, so it can be a few too many while others write. */
  totalKeys: number;
  /** By prefix (with its `:`), as asked for or as found. */
  counts: Record<string, number>;
  /** Keys without a prefix that can be shown. */
  otherKeys: number;
}

/** What is counted apart. */
export interface CensusOptions extends ScanOptions {
  /** Prefixes to count on their own, e.g. `assistant:owner:`; the longest that fits counts. */
  prefixes?: readonly string[] | undefined;
}

/** A first segment that is surely a word and not someone's key. */
const plainWord = /^[a-z][a-z_-]{0,31}:/;
const mostWords = 100;

/** Counts all keys by the prefixes asked for, else by their first segment if that is a plain word. */
export async function census(servers: readonly Redis[], options: CensusOptions): Promise<RedisCensus> {
  const asked = [...new Set(options.prefixes)].sort((a, b) => b.length - a.length);
  const counts = new Map<string, number>(asked.map((prefix) => [prefix, 0]));
  let totalKeys = 0;
  let otherKeys = 0;
  for await (const { names } of scanServers(servers, options.signal)) {
    totalKeys += names.length;
    for (const bytes of names) {
      const name = bytes.toString('utf8');
      const prefix = asked.find((known) => name.startsWith(known)) ?? plainWord.exec(name)?.[0];
      if (prefix === undefined || (!counts.has(prefix) && counts.size >= asked.length + mostWords)) otherKeys += 1;
      else counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
    options.onProgress?.({ pass: 1, scanned: totalKeys, removed: 0 });
  }
  return { totalKeys, counts: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))), otherKeys };
}

/** How many names fit a pattern, and how many of them pass the test. */
export interface NameCount {
  /** As it was asked for. */
  pattern: string;
  /** Keys whose name fits the pattern. */
  names: number;
  /** Those of them for which the caller's test holds. */
  matching: number;
}

/** Options of {@link countNames}. */
export interface CountNamesOptions extends ScanOptions {
  /** Prefixes followed by `*`. */
  patterns: readonly string[];
  /** The test; sees whole names, which must not leave it. */
  matches: (name: string) => boolean;
}

/** Counts, for each pattern, the key names for which a test holds: how many hold a plaintext key, never which. */
export async function countNames(servers: readonly Redis[], options: CountNamesOptions): Promise<NameCount[]> {
  const counts = options.patterns.map((pattern) => ({ pattern, names: 0, matching: 0, prefix: prefixOf(pattern) }));
  let scanned = 0;
  for await (const { names } of scanServers(servers, options.signal)) {
    for (const bytes of names) {
      const name = bytes.toString('utf8');
      for (const count of counts.filter(({ prefix }) => name.startsWith(prefix))) {
        count.names += 1;
        if (options.matches(name)) count.matching += 1;
      }
    }
    scanned += names.length;
    options.onProgress?.({ pass: 1, scanned, removed: 0 });
  }
  return counts.map(({ pattern, names, matching }) => ({ pattern, names, matching }));
}
