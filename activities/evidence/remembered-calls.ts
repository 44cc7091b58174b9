import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../environment/environment';

/**
 * What our refused calls have asked for, for logs that show no id of a call: the path, and the row's value in it. Kept as
 * digests in a file of the backup folder, over restarts and rollouts, since the row may be gone by the time the log is read. It
 * holds no value of a row, and never grows beyond the rows that were asked for.
 */
const fileOf = ({ backupFolder }: Pick<Environment, 'backupFolder'>): string => path.join(backupFolder, 'calls.txt');

/** What is compared with a field of a line. */
export const markOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Before the call: a worker that dies right after it has called must not leave a line that is nobody's. */
export async function rememberCall(environment: Environment, texts: readonly string[]): Promise<void> {
  const known = await rememberedCalls(environment);
  const marks = texts.map(markOf).filter((mark) => !known.has(mark));
  if (marks.length === 0) return;
  await mkdir(environment.backupFolder, { recursive: true, mode: 0o700 });
  await appendFile(fileOf(environment), marks.map((mark) => `${mark}\n`).join(''), { mode: 0o600 });
}

/** {@link markOf} of all that was ever asked for. */
export async function rememberedCalls(environment: Environment): Promise<ReadonlySet<string>> {
  const text = await readFile(fileOf(environment), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line)));
}
