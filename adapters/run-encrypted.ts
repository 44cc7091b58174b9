import type { Readable } from 'node:stream';
import { encryptByLibrary } from './age-library';
import { findAge } from './age-program';
import { runTool, type ToolEnd, type ToolRun } from './run-tool';

/**
 * Runs a program and encrypts what it writes. With the `age` program the two are joined as in a shell: the plaintext does
 * not even pass through this process, which would cost more than the encryption.
 *
 * @param write takes what comes out; its error ends both programs
 * @returns the end of the program itself: only after a good one what was written is whole
 */
export async function runEncrypted(
  run: Omit<ToolRun, 'output' | 'stdout'>,
  recipient: string,
  write: (encrypted: AsyncIterable<Buffer>) => Promise<void>,
): Promise<ToolEnd> {
  const age = await findAge();
  return age === undefined
    ? runTool({ ...run, output: (stdout) => write(encryptByLibrary(stdout, recipient)) })
    : runInto(age, run, recipient, write);
}

async function runInto(
  age: string,
  run: Omit<ToolRun, 'output' | 'stdout'>,
  recipient: string,
  write: (encrypted: AsyncIterable<Buffer>) => Promise<void>,
): Promise<ToolEnd> {
  const failed = new AbortController();
  const signal = run.signal === undefined ? failed.signal : AbortSignal.any([run.signal, failed.signal]);
  let running: Promise<ToolEnd> | undefined;
  try {
    const { exitCode, complaint } = await runTool({
      ...{ program: age, arguments: ['--encrypt', '--recipient', recipient] },
      input: async (stdin) => void (await (running = runTool({ ...run, signal, stdout: stdin }))),
      output: (stdout: Readable) => write(stdout),
    });
    if (exitCode !== 0 || running === undefined) throw new Error(`expected age to encrypt, found that ${complaint}`);
    return await running;
  } catch (error) {
    failed.abort(error);
    await running?.catch(() => undefined); // it is gone before anybody hears of it
    run.signal?.throwIfAborted();
    throw error;
  }
}
