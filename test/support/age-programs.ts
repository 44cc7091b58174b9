import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Does what `age` does as far as we use it, with the library. */
const standIn = `#!${process.execPath}
const { Encrypter, Decrypter } = require(${JSON.stringify(require.resolve('age-encryption'))});
const { readFileSync } = require('node:fs');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const [word, , value] = process.argv.slice(2);
async function main() {
  if (word === '--version') return void console.log('1.0.0');
  const source = Readable.toWeb(process.stdin);
  const one = word === '--encrypt' ? new Encrypter() : new Decrypter();
  if (word === '--encrypt') one.addRecipient(value);
  else one.addIdentity(/^AGE-SECRET-KEY-1[0-9A-Z]+$/m.exec(readFileSync(value, 'utf8'))[0]);
  const result = await (word === '--encrypt' ? one.encrypt(source) : one.decrypt(source));
  await pipeline(Readable.fromWeb(result), process.stdout);
}
main().catch((error) => {
  console.error('age: error: ' + error.message);
  process.exit(1);
});
`;

/** Whether this machine has the real program; tests of how it is run make do with a stand-in. */
export const hasAge = spawnSync('age', ['--version']).status === 0;

/** Values of PATH under which the program is found, or is not. */
export function agePaths(folder: string): { program: string; library: string } {
  if (!hasAge) writeFileSync(path.join(folder, 'age'), standIn, { mode: 0o755 });
  return { program: hasAge ? (process.env['PATH'] ?? '') : folder, library: '' };
}
