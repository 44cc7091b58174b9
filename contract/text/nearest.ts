/** Of names that anybody may have written: longer ones are nobody's slip of the pen, and more can't be compared in no time. */
const longestName = 100;
const mostNames = 300;

/** The known name that somebody meant who wrote this one, if one is close enough. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.ceil(written.length / 3));
  const wanted = plain(written);
  let best: { name: string; distance: number } | undefined;
  for (const name of known.slice(0, mostNames)) {
    if (Math.abs(name.length - written.length) > limit + longestName / 2 || name.length > 2 * longestName) continue;
    const distance = distanceBetween(wanted, plain(name), Math.min(limit, best?.distance ?? limit));
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name;
}

/** `; did you mean "x"?`, or what is known, for the end of a message. */
export function suggestion(written: string, known: readonly string[]): string {
  const name = nearest(written.slice(0, longestName), known);
  if (name !== undefined) return `; did you mean "${name}"?`;
  const told = known.slice(0, 30).map((each) => (each.length > longestName ? `${each.slice(0, longestName)}…` : each));
  return told.length === 0 ? '' : `; known: ${told.join(', ')}`;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '');

/** Levenshtein's: letters to insert, remove or replace. Ends, with more than `limit`, as soon as it is more. */
function distanceBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  const [codeMessages, others] = [[...a], [...b]];
  let row = Array.from({ length: others.length + 1 }, (_, index) => index);
  for (const [i, codeMessage] of codeMessages.entries()) {
    const next = [i + 1];
    let least = i + 1;
    for (let j = 0; j < others.length; j += 1) {
      const step = Math.min(
        (row[j] ?? 0) + (codeMessage === others[j] ? 0 : 1),
        (row[j + 1] ?? 0) + 1,
        (next[j] ?? 0) + 1,
      );
      next.push(step);
      least = Math.min(least, step);
    }
    if (least > limit) return limit + 1;
    row = next;
  }
  return row.at(-1) ?? 0;
}
