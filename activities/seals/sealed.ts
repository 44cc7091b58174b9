import type { Seal, Watched } from '../../contract/run/seal';
import type { Role } from '../../contract/run/names';
import { digestOf } from '../../contract/text/digest';
import type { OfRun } from '../environment/run-folders';
import { isSignedBy, keyId, publicPartOf, signatureOf, type SealKeys } from '../environment/seal-keys';

/** What comes before the first. */
const nothing = '0'.repeat(64);

/** What is sealed: which step of which run, with which result. */
export interface Seen {
  run: OfRun;
  step: string;
  result: unknown;
  /** Of a watch alone. */
  watched?: Watched;
}

/** The next one of a chain. */
export function sealOf(keys: SealKeys, { run, step, result, watched }: Seen, last: Seal | undefined): Seal {
  const before = last?.watched;
  const sum: Watched | undefined = watched && {
    samples: (before?.samples ?? 0) + watched.samples,
    healthy: (before?.healthy ?? 0) + watched.healthy,
  };
  const so = sum ?? before;
  const unsigned: Omit<Seal, 'signature'> = {
    ...{ role: keys.role, key: keyId(publicPartOf(keys.private)) },
    ...{ workflowId: run.workflowId, firstRun: run.firstRun, step },
    number: (last?.number ?? 0) + 1,
    before: last === undefined ? nothing : digestOf(last),
    digest: digestOf(result ?? null),
    ...(so && { watched: so }),
    at: new Date().toISOString(),
  };
  return { ...unsigned, signature: signatureOf(keys.private, unsigned) };
}

/** Whether this is the seal of this role over this result, for this run and step, unchanged. */
export function isSealed(
  { public: keys }: Pick<SealKeys, 'public'>,
  role: Role,
  { run, step, result, seal }: Omit<Seen, 'watched'> & { seal: Seal },
): boolean {
  return isSealOf(keys, role, { run, step, seal }) && seal.digest === digestOf(result ?? null);
}

/** The same without its result: whether it is one of this role, for this run and step. */
export function isSealOf(
  keys: SealKeys['public'],
  role: Role,
  { run, step, seal }: Pick<Seen, 'run' | 'step'> & { seal: Seal },
): boolean {
  const { signature, ...unsigned } = seal;
  const isOfIt =
    seal.role === role && seal.step === step && seal.workflowId === run.workflowId && seal.firstRun === run.firstRun;
  return isOfIt && isSignedBy(keys[role] ?? [], unsigned, signature);
}
