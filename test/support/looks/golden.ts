import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Holds a text against a file beside the test, which people read and review like any other. `UPDATE_GOLDEN=1` writes it
 * anew; a missing one fails.
 */
export function expectGolden(file: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  if (!existsSync(file))
    throw new Error(`expected the golden file ${file}, found none; run the test with UPDATE_GOLDEN=1`);
  const kept = readFileSync(file, 'utf8');
  if (text !== kept) console.log(`${file} differs; if people should read it so, write it with UPDATE_GOLDEN=1`);
  expect(text).toBe(kept);
}

/** The same for a part of a page, between `<!-- name -->` and `<!-- end of name -->`. */
export function expectGoldenPart(file: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected "${begin.trim()}" and "${end.trim()}" in ${file}, found none`);
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeFileSync(file, `${page.slice(0, from + begin.length)}${text}${page.slice(to)}`);
  else expect(unpadded(page.slice(from + begin.length, to))).toBe(unpadded(text));
}

/** Pages are formatted: the cells of a table are as wide as the widest. */
const unpadded = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---').trim();
