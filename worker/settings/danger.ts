import type { SettingsFile } from './settings-schema';

/** A combination of settings that must not be, at the later of its places. */
export interface Danger {
  /** Such as `policy`, `onCall`. */
  path: PropertyKey[];
  /** Without the place. */
  message: string;
}

/** What was read of a file: a section that is missing or at fault is absent. */
export type Sections = Partial<SettingsFile>;
