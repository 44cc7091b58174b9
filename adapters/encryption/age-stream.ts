/** What was to be decrypted is not what was encrypted to this identity. Says nothing of what is in it. */
export class NotDecrypted extends Error {
  override readonly name = 'NotDecrypted';
  constructor(readonly found: string) {
    super(`expected what was encrypted to this identity, whole and unchanged, found that ${found}`);
  }
}

/** A source, and the fault that it ended with: not to be taken for a fault of its reader. */
export interface WatchedSource {
  /** To be read instead of the original. */
  source: AsyncGenerator<Uint8Array>;
  /** Throws what the original has thrown, if anything. */
  throwIfFailed: () => void;
}

/** Passes on what the source gives or throws, and remembers what it threw. */
export function watchSource(source: AsyncIterable<Uint8Array>): WatchedSource {
  let fault: { error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      fault = { error };
      throw error;
    }
  }
  return {
    source: watched(),
    throwIfFailed: () => {
      if (fault !== undefined) throw fault.error;
    },
  };
}
