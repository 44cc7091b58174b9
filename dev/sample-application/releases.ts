import { hashOfKey } from './sample-key';

/**
 * The two releases of the sample application. They differ in four points only, and every trait that the runbook
 * tells of the real application follows from them: which owner columns a statement names, what a new row gets,
 * what goes into the cache, and whom a guard refuses.
 */
export interface Release {
  name: ReleaseName;
  /** What `/health` reports; made up, but fixed, so that a deployment can be verified. */
  commit: string;
  /** Owner columns that its statements name. The old release breaks when one of them is gone. */
  ownerColumns: readonly OwnerColumn[];
  /** The owner columns of a new row; both null (a public row) for a caller without a key. */
  ownerOf(caller: Caller): Owner;
  /** The owner fields that a cache entry gets. */
  cachedOwner(kind: Kind, owner: Owner): Owner;
  /** The log event of a refusal, or undefined: shown. */
  refusal(kind: Kind, owner: Owner, caller: Caller): Refusal | undefined;
}

export type ReleaseName = 'phase2' | 'phase3';
export type Kind = 'session' | 'assistant';
export type Refusal = 'ownership_check_failed' | 'ownership_check_failed_missing_hash';
export type OwnerColumn = 'owner_api_key' | 'owner_api_key_hash';
export type Owner = Partial<Record<OwnerColumn, string | null>>;

/** Who asks. Without a key: an anonymous caller, who sees public rows. */
export interface Caller {
  key?: string;
  hash?: string;
}

/** Writes key and hash, reads the key. */
const phase2: Release = {
  name: 'phase2',
  commit: 'b41d7c05e2a94f6687d0c1f3a95e28b6470fd213',
  ownerColumns: ['owner_api_key', 'owner_api_key_hash'],
  ownerOf: ({ key }) => ({ owner_api_key: key ?? null, owner_api_key_hash: key === undefined ? null : hashOfKey(key) }),
  // The flaw of the real application: assistants are cached without their hash.
  cachedOwner: (kind, owner) => (kind === 'assistant' ? { owner_api_key: owner.owner_api_key ?? null } : owner),
  // No key, no guard: a row with a hash only is public to this release.
  refusal: (_kind, owner, caller) =>
    !owner.owner_api_key || owner.owner_api_key === caller.key ? undefined : 'ownership_check_failed',
};

/** Writes and reads the hash only, so it works with and without the plaintext columns. */
const phase3: Release = {
  name: 'phase3',
  commit: '7e93fa1820c64bd5913e5f0a2d8861bc47d90e35',
  ownerColumns: ['owner_api_key_hash'],
  ownerOf: ({ hash }) => ({ owner_api_key_hash: hash ?? null }),
  cachedOwner: (_kind, owner) => owner,
  refusal: (kind, owner, caller) => {
    if (owner.owner_api_key_hash)
      return owner.owner_api_key_hash === caller.hash ? undefined : 'ownership_check_failed';
    // An assistant without a hash is shown to anybody; so is, alas, an entry that the old release cached.
    return kind === 'session' && caller.key !== undefined ? 'ownership_check_failed_missing_hash' : undefined;
  },
};

const releases: Record<ReleaseName, Release> = { phase2, phase3 };

/** Finds a release by the name that the platform's API or the environment gave; throws for any other text. */
export function parseRelease(name: unknown): Release {
  if (name === 'phase2' || name === 'phase3') return releases[name];
  throw new Error(`expected the release "phase2" or "phase3", found ${JSON.stringify(name) ?? 'nothing'}`);
}
