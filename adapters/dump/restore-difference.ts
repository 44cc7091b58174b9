import type { NotDecrypted } from '../encryption/age';
import type { FileDigest } from '../files/file-digest';
import type { ToolEnd } from '../programs/run-tool';
import type { Difference } from './compare-fingerprints';

/**
 * Whose fault it is: the file's, or this machine's, which says nothing about the file.
 *
 * @throws Error where it is this machine's
 */
export function unreadable({ exitCode, complaint }: ToolEnd): Difference {
  const ours =
    /No space left|out of memory|Permission denied|server closed the connection|terminating connection|connection to server/;
  if (exitCode === null || ours.test(complaint))
    throw new Error(
      `expected to find out whether the backup restores, found: ${complaint}; fix this, then prove it again`,
    );
  const role = /permission denied|superuser/.test(complaint) ? 'a role without superuser restores' : 'restores';
  return broken(complaint, role);
}

/** The archive does not restore. */
export const broken = (found: string, restores = 'restores'): Difference => ({
  ...{ where: 'archive', expected: `an archive that ${restores} without an error`, found },
});

/** Another key, or another file. */
export const notDecrypted = ({ found }: NotDecrypted): Difference => ({
  ...{ where: 'file', expected: 'a file that its identity decrypts, whole and unchanged', found },
});

/** Undefined: there is no such file. */
export function changed(order: { expectedSha256: string }, found: FileDigest | undefined): Difference {
  const expected = `a file with sha256 ${order.expectedSha256}`;
  const other = found === undefined ? 'no such file' : `sha256 ${found.sha256} (${found.sizeBytes} bytes)`;
  return { where: 'file', expected, found: other };
}
