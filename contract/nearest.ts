/** The known name that somebody meant who wrote this one, if one is close enough. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.ceil(written.length / 3));
  const [best] = known
    .map((name) => ({ name, distance: distanceBetween(plain(written), plain(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** `; did you mean "x"?`, or what is known, for the end of a message. */
export function suggestion(written: string, known: readonly string[]): string {
  const name = nearest(written.slice(0, 100), known);
  if (name !== undefined) return `; did you mean "${name}"?`;
  return known.length === 0 ? '' : `; known: ${known.slice(0, 30).join(', ')}`;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '');

/** Levenshtein's: letters to insert, remove or replace. */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
