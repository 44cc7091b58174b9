import { createReadStream } from 'node:fs';
import { encrypt, decrypt } from '../../adapters/encryption/age';
import { writeWhole } from '../../adapters/files/file-digest';
import { removeForGood } from '../../adapters/files/destroy-file';
import { writeOnce } from '../../adapters/files/write-once';
import type { Gate, Run } from '../../contract/run/decisions';
import type { SealedKeys } from '../../contract/activities/effect-inputs';
import { sealedLetter } from '../../report/gates/sealed-letter';
import type { Environment } from '../environment/environment';
import { findMapKeys, distributionFile, mapFile, requireSealed } from '../backup/new-keys-folder';
import type { Person } from '../decisions/policy';

/** What one custodian gets for one opening of the gate. */
export interface KeyDistribution {
  gate: Gate;
  newKeys: SealedKeys & { rollout: Run };
  person: Person;
  /** Of this person, for this opening. */
  code: string;
}

/**
 * Seals the new keys for one custodian, their code with them: whoever sends that code has opened the file. A later opening
 * has another code, so its file takes the place of the earlier one; the keys in it are the same.
 *
 * @throws `BackupNotProven` if the sealed map was damaged
 */
export async function sealDistribution(
  environment: Environment,
  { gate, newKeys: { id }, person, code }: KeyDistribution,
): Promise<{ file: string; sha256: string }> {
  const record = await requireSealed(environment, id, gate.planDigest);
  const { identityFile } = await findMapKeys(environment, record);
  const file = distributionFile(environment, id, person.name);
  await removeForGood(file);
  const map = decrypt(createReadStream(mapFile(environment, id)), identityFile);
  const text = codeMessage({ gate, person, code }, map);
  const { sha256 } = await writeOnce(file, (handle) => writeWhole(handle, encrypt(text, person.recipient ?? '')));
  return { file, sha256 };
}

/** Comma-separated, after comments: hashes and keys hold neither a comma nor a quote. */
async function* codeMessage(
  { gate, person, code }: Omit<KeyDistribution, 'newKeys'>,
  map: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(
    sealedLetter(gate, person.name, code)
      .map((line) => `# ${line}\n`)
      .join(''),
  );
  for await (const chunk of map) yield Buffer.from(chunk.toString('latin1').replaceAll('\t', ','), 'latin1');
}
