import { createHash } from 'node:crypto';

/** How much the sample holds, and whose it is. */
export interface SampleSize {
  /** Goes into every key and id, so that staging and production share none. Default `staging`. */
  environment?: string;
  /** Callers, each with a key of their own; at least 2. Default 40. */
  owners?: number;
  /** Rows with an owner. Default 2,000: enough for the planner to prefer the hash index. */
  sessions?: number;
  /** Default 2,000. */
  assistants?: number;
  /** Rows with neither key nor hash, in each of both tables. Default 20. */
  publicRows?: number;
}

/** Everything that tests, probes and traffic need to know of the seeded rows; computed, so any process can have it. */
export interface SampleData extends Required<SampleSize> {
  /** One key an owner. The first one is the probes'. */
  keys: string[];
  probeKey: string;
  /** The right key of somebody else. */
  otherKey: string;
  /** Looks like a key and is nobody's. */
  wrongKey: string;
  /** Rows of `probeKey`. */
  ownSessionId: string;
  ownAssistantId: string;
  /** Rows of `otherKey`. */
  otherSessionId: string;
  otherAssistantId: string;
  /** Rows of nobody, seen by everybody. */
  publicSessionId: string;
  publicAssistantId: string;
  /** Keys of rows that clients of long ago left behind; each owns one row in each table that can hold it. */
  oddKeys: string[];
}

const oddKeys = [
  '  blanks around and in between ',
  `it's "quoted"`,
  'back\\slash',
  'octal\\134look',
  '100% {of} $1 \t tab',
  'ключ-鍵-🔑',
  'caf\u00e9 composed',
  'cafe\u0301 decomposed',
  'x'.repeat(255),
  'y'.repeat(256),
];

/** Computes what `seedSample` writes. The same size gives the same keys and ids in every process. */
export function describeSample(size: SampleSize = {}): SampleData {
  const { environment = 'staging', owners = 40, sessions = 2_000, assistants = 2_000, publicRows = 20 } = size;
  const keys = Array.from({ length: owners }, (_, index) => keyOfOwner(environment, index + 1));
  const [probeKey, otherKey] = keys;
  if (probeKey === undefined || otherKey === undefined) throw new Error(`expected at least 2 owners, found ${owners}`);
  return {
    environment,
    owners,
    sessions,
    assistants,
    publicRows,
    keys,
    probeKey,
    otherKey,
    wrongKey: keyOfOwner(environment, 999_999),
    // Row n belongs to owner n (modulo the owners); public rows follow the owned ones.
    ownSessionId: sessionId(environment, 1),
    otherSessionId: sessionId(environment, 2),
    publicSessionId: sessionId(environment, sessions + 1),
    ownAssistantId: assistantId(environment, 1),
    otherAssistantId: assistantId(environment, 2),
    publicAssistantId: assistantId(environment, assistants + 1),
    oddKeys,
  };
}

// The seed computes these three in SQL as well.
function keyOfOwner(environment: string, owner: number): string {
  return `sk-${environment}-${owner}-${md5(`${environment} key ${owner}`)}`;
}

function sessionId(environment: string, row: number): string {
  return md5(`${environment} session ${row}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function assistantId(environment: string, row: number): string {
  return `asst_${md5(`${environment} assistant ${row}`).slice(0, 24)}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
