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
