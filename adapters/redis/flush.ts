import { setTimeout as rest } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { failPoint } from '../programs/fail-point';
import { nameTest, scanServers, type ScanOptions } from './names';
import { everyAnswer } from './pipeline';

/** What is removed, and how fast. */
export interface FlushOptions extends ScanOptions {
  /** Prefixes followed by `*`; nothing else is touched. */
  patterns: readonly string[];
  /** Most keys removed in a second, for an application that has to make them again. Default: as fast as it goes. */
  keysPerSecond?: number | undefined;
  /** How often to walk over all keys before giving up on an application that writes faster. Default 5. */
  maxPasses?: number | undefined;
}

/** What a flush did. */
export interface FlushOutcome {
  /** As UNLINK counts, in all passes. */
  removed: number;
  /** Walks over all keys, at least 1. */
  passes: number;
  /**
   * Matching keys that the last pass still found (and removed). Not 0: something keeps writing them. All the same each
   * key that was there before the flush is gone, since the first pass sees whatever is there from its start to its end.
   */
  left: number;
  /** Keys that match no pattern, counted in the first pass. */
  otherKeysBefore: number;
  /** The same in the last pass. */
  otherKeysAfter: number;
}

/** Removes these keys of one server; returns how many were still there. */
type Remove = (server: Redis, names: readonly Buffer[]) => Promise<number>;

/**
 * Removes what matches the patterns by SCAN and UNLINK, until a whole pass finds nothing. Never FLUSHDB: it takes 0.8-2 s
 * during which no client is served, and everything else is gone. Safe to run twice and to stop anywhere.
 */
export async function flush(
  { servers, isCluster }: { servers: readonly Redis[]; isCluster: boolean },
  options: FlushOptions,
): Promise<FlushOutcome> {
  const remove = paced(isCluster ? removeEach : removeAll, options);
  const outcome: FlushOutcome = { removed: 0, passes: 0, left: 0, otherKeysBefore: 0, otherKeysAfter: 0 };
  do {
    outcome.passes += 1;
    await onePass(servers, { ...options, remove }, outcome);
    if (outcome.passes === 1) outcome.otherKeysBefore = outcome.otherKeysAfter;
  } while (outcome.left > 0 && outcome.passes < (options.maxPasses ?? 5));
  return outcome;
}

/** The next names are asked for while the last ones are being removed: we and Redis work at the same time. */
async function onePass(
  servers: readonly Redis[],
  { patterns, signal, onProgress, remove }: FlushOptions & { remove: Remove },
  outcome: FlushOutcome,
): Promise<void> {
  const isMeant = nameTest(patterns);
  outcome.left = 0;
  outcome.otherKeysAfter = 0;
  let removing = Promise.resolve(0);
  try {
    for await (const { server, names } of scanServers(servers, signal)) {
      const meant = names.filter(isMeant);
      outcome.left += meant.length;
      outcome.otherKeysAfter += names.length - meant.length;
      outcome.removed += await removing;
      removing = meant.length > 0 ? remove(server, meant) : Promise.resolve(0);
      removing.catch(() => undefined); // it is thrown above, one turn later: until then no one has asked for it
      onProgress?.({ pass: outcome.passes, scanned: outcome.left + outcome.otherKeysAfter, removed: outcome.removed });
      await failPoint('flush: between two batches');
    }
    outcome.removed += await removing;
  } finally {
    await removing.catch(() => undefined); // an error that came first wins; nothing continues behind it
  }
}

const removeAll: Remove = (server, names) => server.unlink(...names);

/** In a cluster one command may name keys of one slot only. */
const removeEach: Remove = async (server, names) => {
  const removed = await everyAnswer(server.pipeline(names.map((name) => ['unlink', name])));
  return removed.reduce<number>((sum, count) => sum + Number(count), 0);
};

/** In parts of a tenth of a second, so that a low limit makes no bursts. */
function paced(remove: Remove, { keysPerSecond, signal }: FlushOptions): Remove {
  if (keysPerSecond === undefined) return remove;
  const size = Math.max(1, Math.floor(keysPerSecond / 10));
  let freeAt = performance.now();
  return async (server, names) => {
    let removed = 0;
    for (let from = 0; from < names.length; from += size) {
      const part = names.slice(from, from + size);
      const waitMs = freeAt - performance.now();
      if (waitMs > 0) await rest(waitMs, undefined, { signal });
      freeAt = Math.max(freeAt, performance.now()) + (part.length / keysPerSecond) * 1_000;
      removed += await remove(server, part);
    }
    return removed;
  };
}
