/** Lines of PL/pgSQL as one statement, whatever they hold: all of it happens, or nothing. */
export function doBlock(lines: string): string {
  let tag = 'do';
  while (lines.includes(`$${tag}$`)) tag += '_';
  return `do $${tag}$ ${lines} $${tag}$`;
}
