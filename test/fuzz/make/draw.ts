import { seededRandom } from '../../support/looks/random';

/** Choices of a seed: the same for the same seed, on each machine and for each version of a server. */
export interface Draw {
  /** A whole number, both ends among them. */
  int(from: number, to: number): number;
  /** True in this share of cases, 0 to 1. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Up to `most` of them, in their order, none twice. */
  some<T>(from: readonly T[], most: number): T[];
  /** By weight. */
  weighted<T>(from: readonly (readonly [weight: number, what: T])[]): T;
  /** Choices of their own, so that one more choice in a part changes nothing in another. */
  of(part: string): Draw;
}

export function openDraw(seed: number): Draw {
  const random = seededRandom(seed);
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[int(0, from.length - 1)];
    if (picked === undefined) throw new Error('expected something to pick from, found nothing');
    return picked;
  };
  return {
    int,
    pick,
    chance: (share) => random() < share,
    some: (from, most) => {
      const wanted = int(0, Math.min(most, from.length));
      const ranks = from.map((_, index) => ({ index, rank: random() })).sort((a, b) => a.rank - b.rank);
      const chosen = new Set(ranks.slice(0, wanted).map(({ index }) => index));
      return from.filter((_, index) => chosen.has(index));
    },
    weighted: (from) => {
      let left = random() * from.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, what] of from) {
        left -= weight;
        if (left < 0) return what;
      }
      return pick(from)[1];
    },
    of: (part) => openDraw(mixed(seed, part)),
  };
}

/** FNV-1a over the name of the part. */
function mixed(seed: number, part: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const codeMessage of part) hash = Math.imul(hash ^ (codeMessage.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
