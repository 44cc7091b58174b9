/** A damage, and the damaged bytes; what it was made from stays as it is. */
export type Damage = [what: string, bytes: Buffer];

/** One bit changed, at each of these places. */
export function* changedBytes(whole: Buffer, places: Iterable<number>): Generator<Damage> {
  for (const place of places) {
    const changed = Buffer.from(whole);
    changed[place]! ^= 1 << (place % 8);
    yield [`byte ${place} changed`, changed];
  }
}

/** So many places from the first byte to the last one. */
export const places = (whole: Buffer, count: number): number[] =>
  Array.from({ length: count }, (_, n) => Math.round(((whole.length - 1) * n) / (count - 1)));

/** Cut to so many per cent each. */
export function* truncations(whole: Buffer, percents: Iterable<number>): Generator<Damage> {
  for (const percent of percents)
    yield [`cut to ${percent} %`, whole.subarray(0, Math.floor((whole.length * percent) / 100))];
}
