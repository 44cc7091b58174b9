import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where a command's program is, or why it can't be run. */
export type FoundProgram = { file: string; because?: never } | { file?: never; because: string };

/** Looks as `execvp` does: a name with a slash from the working directory, any other along `PATH`. Runs nothing. */
export async function findProgram(program: string): Promise<FoundProgram> {
  const folders = program.includes('/') ? ['.'] : (process.env['PATH'] ?? '').split(path.delimiter);
  let because = program.includes('/') ? 'not found' : 'in no folder of PATH';
  for (const folder of folders) {
    const file = path.resolve(folder, program);
    const fault = await faultOf(file);
    if (fault === undefined) return { file };
    if (fault !== 'not found') because = fault;
  }
  return { because };
}

async function faultOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return 'not found';
  if (!found.isFile()) return 'not a file';
  return access(file, constants.X_OK).then(
    () => undefined,
    () => 'not executable by this user',
  );
}
