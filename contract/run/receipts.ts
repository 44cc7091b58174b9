import type { Finding } from './findings';

/** What the steps leave behind. Receipts are hints: effects look again. */

/** A finished dump and what was captured with it, in one folder. Paths stay on the worker. */
export interface BackupReceipt {
  /** Folder name below the settings' backup folder; also what the drop and a rollback are given. */
  id: string;
  /** Of the encrypted file; so is `sha256`, in hex. */
  sizeBytes: number;
  sha256: string;
  /** Tables whose rows it holds. */
  tables: number;
  /** Rows of all of them, in the snapshot of the dump. */
  rowCount: number;
  /** Start of the dump by the worker's clock, ISO. */
  takenAt: string;
  tookMs: number;
  /** Such as `16.14`. */
  serverVersion: string;
  /** Of `pg_dump`, such as `18.4`; its major version is at least that of the server. */
  clientVersion: string;
  /** How the archive is compressed below its encryption. Absent: `pg_dump` has done it within the archive. */
  compression?: 'brotli' | undefined;
}

/** The whole way there and back, walked on a throw-away server by the functions that serve the real databases. */
export interface CopyRehearsal {
  /** `sample`: all definitions and some rows of the plan's tables; `all rows`: those of a proven backup. */
  extent: 'sample' | 'all rows';
  /** Everything was equal afterwards, and the copy lacked nothing. */
  passed: boolean;
  /** Rows that were there, of so many tables with rows. */
  rows: number;
  /** Tables with rows. */
  tables: number;
  /** What the copy lacks of the original, and what is unknown because of it: extensions, settings. Empty = nothing. */
  lacks: string[];
  /** What no copy can show, one phrase each: actions of the platform, the rights of a superuser. */
  notCovered: string[];
  /** What was walked, in order. */
  steps: { name: string; tookMs: number }[];
  tookMs: number;
  /** ISO. */
  endedAt: string;
}

/** The dump was restored and equals what was dumped. */
export interface ProofReceipt {
  /** Of the backup; `sha256` is that of its encrypted file, in hex. */
  id: string;
  sha256: string;
  provenAt: string;
  /** Tables that were compared by fingerprint; `rowCount`: their rows. */
  tables: number;
  rowCount: number;
  /** The throw-away server and its files are gone. */
  destroyed: boolean;
  /** From the start of the restore until the throw-away server was gone. */
  tookMs: number;
  /** There and back on the restored copy, before it was destroyed; absent for a plan that has no way back. */
  rehearsal?: CopyRehearsal;
  /** What that rehearsal found, its verdict first. */
  findings?: Finding[];
}

/** Nobody can write any more what will die. */
export interface FreezeReceipt {
  /** Names this freeze; a copy and a drop that belong to another one are refused. */
  id: string;
  frozenAt: string;
  /** How often the lock was tried for. */
  attempts: number;
  /** Milliseconds for which the winning attempt held its locks. */
  heldMs: number;
  /** Rows whose unusable placeholder, left by an earlier way back, was set to null again. Absent = none. */
  placeholders?: number;
  /** SQL that ends it by hand. */
  undo?: string;
}

/** All that dies, one removed value a replacement, encrypted, written once, read back. */
export interface CopyReceipt {
  /** Folder name below the settings' backup folder. */
  id: string;
  /** Id of the freeze after which it was taken. */
  freeze: string;
  /** Saved values: distinct pairs of a replacement and a removed value, or rows. */
  pairs: number;
  /** Rows with a value, or (of tables and rows) all that go. */
  rows: number;
  /** Of the encrypted file. */
  sizeBytes: number;
  /** Of the encrypted file. */
  sha256: string;
  /** When it was begun, ISO. */
  takenAt: string;
  tookMs: number;
}

/** The columns have other names: whoever needs them notices. */
export interface HideReceipt {
  hiddenAt: string;
  /** How often the lock was tried for; 1 for an external resource. */
  attempts: number;
  /** Milliseconds for which the winning attempt held its locks; 0 for an external resource. */
  heldMs: number;
  /** SQL that takes it back by hand, and the freeze with it. */
  undo?: string;
}

/** What the drop did, from the state row and the catalogue. */
export interface DropReceipt {
  droppedAt: string;
  /** As they were run, in order; for an external resource the name of the action. */
  statements: string[];
  /** How often the lock was tried for. */
  attempts: number;
  /** Milliseconds for which the winning attempt held its locks. */
  heldMs: number;
  /** Rows that were copied, and those that went: fewer where rows were deleted meanwhile. Absent of a retry that found all done. */
  rows?: { copied: number; dropped: number };
}

/** What a flush removed. */
export interface FlushReceipt {
  /** Keys, in all passes, as UNLINK counts them. */
  removed: number;
  /** Entries that the last pass still found, and removed: written meanwhile by a release that serves. */
  left: number;
  /** Keys of other prefixes, before and after. */
  otherKeysBefore: number;
  otherKeysAfter: number;
  tookMs: number;
}

/** What filling did: after it, every row with a hash has a key or the placeholder. */
export interface FillReceipt {
  /** Rows that got their key back. */
  filled: number;
  /** Owners whose rows got a new key and its hash; only where new keys were drawn. */
  renewed?: number;
  /** Rows that have the placeholder afterwards. */
  placeholders: number;
  /** How long it waited between batches, for standbys or because somebody asked for it. */
  throttledMs?: number;
  /** With the waits. */
  tookMs: number;
}

/** What became of the backups and final copies of a rollout at their date. */
export type Destruction =
  | { destroyed: false; because: string; againInMs: number }
  | {
      destroyed: true;
      at: string;
      files: number;
      /** What should have been there and was not: somebody may still have it. */
      missing: string[];
      /** File below the settings' backup folder that says what, when and on whose word. */
      record: string;
    };
