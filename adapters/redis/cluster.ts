import type { Redis } from 'ioredis';
import { RedisFailure } from './failure';

const slotCount = 16_384;

/** A master of a cluster, by the cluster's own word. */
interface ClusterMaster {
  host: string;
  port: number;
}

/** Which master has which slots: the same text before and after means that no key has changed its server. */
interface ClusterMap {
  masters: ClusterMaster[];
  slots: string;
}

/**
 * Asks one node who serves which keys.
 *
 * @param place shown in messages; its host also stands for a node that the cluster names without one
 * @throws RedisFailure `cluster` if no server has some of the slots: their keys can't be seen
 */
export async function readClusterMap(node: Redis, place: string): Promise<ClusterMap> {
  const masters = new Map<string, ClusterMaster>();
  const slots: string[] = [];
  let served = 0;
  for (const [from, to, master] of await node.cluster('SLOTS')) {
    if (master === undefined) continue;
    const [named, port, id] = master;
    const host = /^\??$/.test(named ?? '') ? place.replace(/:\d+$/, '') : named;
    masters.set(id, { host, port });
    slots.push(`${from}-${to} ${id}`);
    served += to - from + 1;
  }
  if (served === slotCount) return { masters: [...masters.values()], slots: slots.sort().join('\n') };
  throw new RedisFailure(
    'cluster',
    `Redis cluster at ${place}: expected all ${slotCount} slots served, found ${served}; fix the cluster first`,
  );
}

/** @throws RedisFailure `cluster` while slots move: a key that moves can be missed on both sides */
export async function refuseWhileSlotsMove(master: Redis, place: string): Promise<void> {
  const nodes = (await master.cluster('NODES')) as string;
  const myself = nodes.split('\n').find((line) => /\bmyself\b/.test(line)) ?? '';
  if (!/\[\d+-[<>]-/.test(myself)) return;
  throw new RedisFailure(
    'cluster',
    `Redis cluster at ${place}: expected every slot in its place, found some being moved; wait until the move is complete`,
  );
}
