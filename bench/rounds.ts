/**
 * Measures several ways of one thing in turn, round after round, so that what else the machine does meanwhile hits all
 * of them alike.
 *
 * @returns the measurements of each way, by its name
 */
export async function inTurns<Name extends string, Measured>(
  ways: Record<Name, () => Promise<Measured>>,
  rounds: number,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(ways) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      console.error(`round ${round} of ${rounds}: ${name}`);
      all[name].push(await ways[name]());
    }
  }
  return all;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 0
    ? ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
    : (sorted[Math.floor(middle)] ?? NaN);
}
