import type { Finding } from './findings';

/** What the steps find. */

/** Rows of one table, by what its two columns hold. */
export interface RowClasses {
  /** Without its schema where that is `public`. */
  table: string;
  /** Absent = the whole table. */
  column?: string;
  /** All rows of the table. */
  total: number;
  /** Proof holds; without a proof: has a value. */
  match: number;
  /** Both set, proof does not hold: the row's owner would be locked out. */
  mismatch: number;
  /** Key set, replacement null: the row would become public. */
  valueWithoutReplacement: number;
  /** Written by the new release; expected once it serves. */
  replacementWithoutValue: number;
  /** Both null: seen by everybody, before and after. */
  public: number;
  /** Of these two: rows with an unusable placeholder, which an earlier way back has left. It is no value. Absent = none. */
  placeholders?: number;
  /** Nothing replaces the values, so that there is nothing to compare them with: of the classes, only `match` counts. */
  byRow?: true;
}

/** Who answers behind the settings' URL; bound into approvals, so that nobody can swap the server afterwards. */
export interface ServerIdentity {
  /** `system_identifier` of `pg_control_system()`: made by `initdb`, the same on physical copies. */
  systemIdentifier: string;
  database: string;
  /** `pg_database.oid`: another one after a restore; a physical copy keeps it. */
  databaseOid: number;
  /** Of the WAL: grows with each promotion. */
  timeline: number;
  /** `server_version`, as the server prints it: `16.14 (Debian 16.14-1)`. */
  version: string;
}

/** State of the data that the plan removes. `hidden` = renamed, and back in a moment; `inconsistent` = by somebody's hand. */
export type DataState = 'present' | 'hidden' | 'dropped' | 'inconsistent';

/** State row of the target's own schema; `none` = no row for this run. */
export type RowState = 'none' | 'open' | 'dropped' | 'aborted' | 'rolled-back';

/** What is, read from catalogue, state row and application; not from any workflow's memory. */
export interface ObservedState {
  data: DataState;
  row: RowState;
  /** Writes of what dies are refused: id of the freeze. */
  freeze?: string;
  /** Columns are being put back: rows that are written without a key are closed. */
  writeGuard?: true;
  /** What the migration tool has recorded. Absent = the plan names none, or the tool's table has no single row. */
  revision?: string;
  /** Release that the health answer names; undefined = it names none, or there is no answer. */
  release?: string;
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
  /** Absent = our role may not read it, or the check itself failed; a finding says so. */
  identity?: ServerIdentity;
  /** The plan's change is already here, recorded by an earlier rollout of ours: nothing to change, only to verify. */
  carriesChange: boolean;
}

/** An index that is removed, or that goes with a removed column although it serves others, too. */
export interface IndexUse {
  index: string;
  /** Empty of one that is removed itself. */
  table: string;
  /** Columns of it that stay; none of one that is removed itself. */
  others: string[];
  /** Since the server's statistics were reset; null = not known. */
  scans: number | null;
}
