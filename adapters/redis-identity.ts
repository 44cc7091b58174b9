/** Which server this is: to tell staging from production, and a master from its copy. */
export interface RedisIdentity {
  /** `host:port` of the settings. */
  place: string;
  /** `master` or `slave`, in Redis's own words. */
  role: string;
  /** `standalone`, `sentinel` or `cluster`. */
  mode: string;
  /** Changes with every start of the server. */
  runId: string;
  version: string;
  database: number;
  /** Keys of this database. */
  keyCount: number;
  connectedReplicas: number;
  uptimeSeconds: number;
}

/** The server's look-up counters since its start; our own reading is part of them. */
export interface KeyLookups {
  runId: string;
  hits: number;
  misses: number;
}

/** Reads Redis's INFO. */
export function identityFrom(info: string, keyCount: number, place: string, database: number): RedisIdentity {
  return {
    place,
    role: infoField(info, 'role'),
    mode: infoField(info, 'redis_mode'),
    runId: infoField(info, 'run_id'),
    version: infoField(info, 'redis_version'),
    database,
    keyCount,
    connectedReplicas: Number(infoField(info, 'connected_slaves')),
    uptimeSeconds: Number(infoField(info, 'uptime_in_seconds')),
  };
}

/** Reads the counters out of INFO. */
export function lookupsFrom(info: string): KeyLookups {
  return {
    runId: infoField(info, 'run_id'),
    hits: Number(infoField(info, 'keyspace_hits')),
    misses: Number(infoField(info, 'keyspace_misses')),
  };
}

/**
 * The share of look-ups (0 to 1) that found their key between two readings of the counters; undefined if nobody looked
 * anything up, or if the counters began anew in between.
 */
export function hitRatioBetween(before: KeyLookups, after: KeyLookups): number | undefined {
  const hits = after.hits - before.hits;
  const misses = after.misses - before.misses;
  if (before.runId !== after.runId || hits < 0 || misses < 0 || hits + misses === 0) return undefined;
  return hits / (hits + misses);
}

const infoField = (info: string, name: string): string =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
