import { StatementFault } from './statement-fault';

/**
 * Runs `work` on `prefix` and a plan's text behind it, and tells the place of a fault in the plan's text: in characters,
 * where the grammar counts bytes.
 *
 * @throws StatementFault with its place
 */
export function located<T>(prefix: string, text: string, work: (sql: string) => T): T {
  const sql = prefix + text;
  try {
    return work(sql);
  } catch (error) {
    if (!(error instanceof StatementFault) || error.offset === undefined) throw error;
    const offset = charactersIn(sql, error.offset) - prefix.length;
    throw new StatementFault(error.message, Math.min(Math.max(offset, 0), text.length));
  }
}

function charactersIn(text: string, bytes: number): number {
  let [left, characters] = [bytes, 0];
  for (const character of text) {
    if (left <= 0) break;
    left -= new TextEncoder().encode(character).length;
    characters += character.length;
  }
  return characters;
}
