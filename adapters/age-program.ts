import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { NotDecrypted, watchSource } from './age-stream';
import { runTool } from './run-tool';

const run = promisify(execFile);

const found = new Map<string, Promise<string | undefined>>();

/** Path of the `age` program, looked for once; undefined: there is none, or another one of that name. */
export function findAge(): Promise<string | undefined> {
  const searched = process.env.PATH ?? '';
  const known = found.get(searched) ?? search(searched);
  found.set(searched, known);
  return known;
}

async function search(searched: string): Promise<string | undefined> {
  for (const folder of searched.split(path.delimiter).filter((one) => path.isAbsolute(one))) {
    const program = path.join(folder, 'age');
    const version = await access(program, constants.X_OK)
      .then(() => run(program, ['--version'], { cwd: '/', timeout: 20_000 }))
      .catch(() => undefined);
    if (version !== undefined && /^(?:v?[1-9]\d*\.|\((?:devel|unknown)\))/.test(version.stdout)) return program;
  }
  return undefined;
}

export const encryptByProgram = (
  program: string,
  source: AsyncIterable<Uint8Array>,
  recipient: string,
): AsyncGenerator<Buffer> =>
  through(program, ['--encrypt', '--recipient', recipient], source, (complaint) => {
    return new Error(`expected age to encrypt, found that ${complaint}`);
  });

export async function* decryptByProgram(
  program: string,
  source: AsyncIterable<Uint8Array>,
  identityFile: string,
): AsyncGenerator<Buffer> {
  await access(identityFile, constants.R_OK); // its lack says nothing about what was encrypted
  const options = ['--decrypt', '--identity', path.resolve(identityFile)];
  yield* through(program, options, source, (complaint, exitCode) =>
    exitCode === null ? new Error(`expected age to decrypt, found that ${complaint}`) : new NotDecrypted(complaint),
  );
}

/** Lets a source run through the program; the end comes only after the program's good end. */
async function* through(
  program: string,
  options: readonly string[],
  source: AsyncIterable<Uint8Array>,
  failure: (complaint: string, exitCode: number | null) => Error,
): AsyncGenerator<Buffer> {
  const watched = watchSource(source);
  const out = new PassThrough();
  const running = runTool({
    program,
    arguments: options,
    input: (stdin) => pipeline(watched.source, stdin),
    output: (stdout) => pipeline(stdout, out, { end: false }),
  })
    .then(({ exitCode, complaint }) => {
      watched.throwIfFailed();
      if (exitCode !== 0) throw failure(complaint, exitCode);
      out.end();
    })
    .catch((error: Error) => void out.destroy(error));
  try {
    yield* out as AsyncIterable<Buffer>;
  } finally {
    out.destroy(); // whoever stops reading ends the program
    await running;
  }
}
