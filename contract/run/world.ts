import type { Finding } from './findings';

/** What the steps find, and what they leave behind as receipts. Receipts are hints: effects look again. */

/** Rows of one table, by what its two columns hold. */
export interface RowClasses {
  table: string;
  /** Absent = the whole table. */
  column?: string;
  total: number;
  /** Proof holds; without a proof: has a value. */
  match: number;
  /** Both set, proof does not hold: the row's owner would be locked out. */
  mismatch: number;
  /** Key set, replacement null: the row would become public. */
  keyWithoutHash: number;
  /** Written by the new release; expected once it serves. */
  hashWithoutKey: number;
  /** Both null: seen by everybody, before and after. */
  public: number;
  /** Of these two: rows with an unusable placeholder, which an earlier way back has left. It is no value. Absent = none. */
  placeholders?: number;
  /** Nothing replaces the values, so that there is nothing to compare them with: of the classes, only `match` counts. */
  byRow?: true;
}

/** Who answers behind the settings' URL; bound into approvals, so that nobody can swap the server afterwards. */
export interface ServerIdentity {
  systemIdentifier: string;
  database: string;
  databaseOid: number;
  timeline: number;
  version: string;
}

/** State of the data that the plan removes. `hidden` = renamed, and back in a moment; `partly` = by somebody's hand. */
export type DataState = 'present' | 'hidden' | 'dropped' | 'partly';

/** State row of the target's own schema; `none` = no row for this run. */
export type RowState = 'none' | 'open' | 'dropped' | 'aborted' | 'rolled-back';

/** What is, read from catalogue, state row and application; not from any workflow's memory. */
export interface World {
  data: DataState;
  row: RowState;
  /** Writes of what dies are refused: id of the freeze. */
  freeze?: string;
  /** Columns are being put back: rows that are written without a key are closed. */
  guard?: true;
  revision?: string;
  /** Release that the health answer names; undefined = it names none, or there is no answer. */
  release?: string;
  maintenance?: boolean;
}

/** What the catalogue says of what goes and of what goes with it, to be compared between environments. */
export interface Definitions {
  /** Of the server: another one says things in other words. */
  major: number;
  /** By kind and name, such as `index public.by_key`. */
  objects: Record<string, ObjectDefinition>;
}

/** No value of a row. */
export interface ObjectDefinition {
  /** For people: a type, a definition. */
  says?: string;
  /** Of all that decides what can be written and how it is found. */
  digest: string;
  /** Of comments, statistics, storage. */
  slight: string;
}

/** First answers of an environment. */
export interface ServerCheck {
  findings: Finding[];
  identity?: ServerIdentity;
  /** The plan's change is already here, recorded by an earlier rollout of ours: nothing to change, only to verify. */
  carriesChange: boolean;
}

/** A finished dump and what was captured with it, in one folder. Paths stay on the worker. */
export interface BackupReceipt {
  /** Folder name below the settings' backup folder; also what the drop and a rollback are given. */
  id: string;
  sizeBytes: number;
  sha256: string;
  tables: number;
  rowCount: number;
  takenAt: string;
  tookMs: number;
  serverVersion: string;
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
  id: string;
  sha256: string;
  provenAt: string;
  tables: number;
  rowCount: number;
  /** The throw-away server and its files are gone. */
  destroyed: boolean;
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
  attempts: number;
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
  pairs: number;
  /** Rows with a value, or (of tables and rows) all that go. */
  rows: number;
  sizeBytes: number;
  /** Of the encrypted file. */
  sha256: string;
  takenAt: string;
  tookMs: number;
}

/** The columns have other names: whoever needs them notices. */
export interface HideReceipt {
  hiddenAt: string;
  attempts: number;
  heldMs: number;
  /** SQL that takes it back by hand, and the freeze with it. */
  undo?: string;
}

/** An index that goes with a removed column although it serves others, too. */
export interface IndexUse {
  index: string;
  table: string;
  /** Columns of it that stay. */
  others: string[];
  /** Since the server's statistics were reset; null = not known. */
  scans: number | null;
}

/** What the drop did, from the state row and the catalogue. */
export interface DropReceipt {
  droppedAt: string;
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
  removed: number;
  /** Entries that the last pass still found, and removed: written meanwhile by a release that serves. */
  left: number;
  /** Keys of other prefixes, before and after. */
  otherKeysBefore: number;
  otherKeysAfter: number;
  tookMs: number;
}

/** What a rollback would do, and lose. */
export interface RollbackCase {
  world: World;
  /** The rollout's own run, from the state row. */
  rollout: { workflowId: string; firstRun: string; planDigest: string; requesters: string[] };
  /** Proven backup of that rollout, if it is there and unchanged. */
  backup?: { id: string; sha256: string; takenAt: string };
  /** Its final copy, if it is there and unchanged: has the key of every owner that was there when it was frozen. */
  copy?: { id: string; pairs: number; takenAt: string };
  /** Neither is there: every owner gets a new key, and all of them count as loss. */
  newKeys?: true;
  /** Rows whose value is in neither, or not for certain; `means`: what becomes of them, after "rows …". */
  loss: { rows: number; owners: number; since: string; means: string };
  /** Rows that get their key back. */
  restorable: { rows: number; owners: number };
  identity: ServerIdentity;
  /** Obstacles; empty = it can be done. */
  findings: Finding[];
}

/** What filling did: after it, every row with a hash has a key or the sentinel. */
export interface FillReceipt {
  /** Rows that got their key back. */
  filled: number;
  /** Owners whose rows got a new key and its hash; only where new keys were drawn. */
  renewed?: number;
  /** Rows that have the sentinel afterwards. */
  sentinels: number;
  /** How long it waited between batches, for standbys or because somebody asked for it. */
  throttledMs?: number;
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
