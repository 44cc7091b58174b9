/**
 * What a plan can remove; all of one plan is of one kind. A new kind begins here: the compiler then names every table of
 * verbs, words and traits (`satisfies Record<Kind, …>`) that lacks it.
 */
export type Kind = 'column' | 'table' | 'rows' | 'partition' | 'index' | 'external';

/** What a database holds: statements follow from it, and it can come back. */
export type DatabaseKind = Exclude<Kind, 'external'>;

/**
 * What has values of its own: they are backed up, frozen and copied before it goes, and filled in again behind a guard. By
 * `traits`; a kind that has none there counts as one with values, so that every table asks for it.
 */
export type ValueKind = {
  [K in DatabaseKind]: K extends keyof typeof traits ? ((typeof traits)[K]['hasValues'] extends false ? never : K) : K;
}[DatabaseKind];

/** What workflows, report and client may ask of a kind, and nothing else. */
export interface Traits {
  /** Field by which an entry of a plan names one. */
  field: 'column' | 'table' | 'partition' | 'index' | 'external';
  /** All that a plan removes, as a word in sentences. */
  plural: 'columns' | 'tables' | 'rows' | 'partitions' | 'indexes' | 'external resources';
  /** A database holds it: it is looked for in the catalogue. Otherwise only the platform's actions know it. */
  isInDatabase: boolean;
  /**
   * It has values of its own: a backup is proven and a final copy taken of them, behind a freeze. Otherwise its definition is all
   * there is of it, and no backup is taken.
   */
  hasValues: boolean;
  /** What the final copy holds one by one. Columns whose values are kept by their replacement say "owner" instead. */
  savedUnit: 'value' | 'row';
  /**
   * One short change of the catalogue; the same, and then a longer one that may still be missing; many short transactions,
   * of which the last one may be missing; or the platform.
   */
  hides: 'at once' | 'in two steps' | 'in batches' | 'by action';
  /** How anybody tells whether it is there. What is found by a condition can be others, which were written since. */
  isFoundBy: 'name' | 'condition' | 'action';
  /** It can come back after the drop. */
  canBeRestored: boolean;
  /** Whether an action of the platform does it. */
  byAction: 'never' | 'drop and restore' | 'everything';
  /** Where it is not there it may never have been: only our own record of just this drop says that it was dropped. */
  needsRecordOfDrop: boolean;
}

const inDatabase = { isInDatabase: true, hasValues: true, canBeRestored: true } as const;

export const traits = {
  column: {
    ...inDatabase,
    ...{ field: 'column', plural: 'columns', savedUnit: 'value' },
    ...{ hides: 'at once', isFoundBy: 'name', byAction: 'drop and restore', needsRecordOfDrop: false },
  },
  table: {
    ...inDatabase,
    ...{ field: 'table', plural: 'tables', savedUnit: 'row' },
    ...{ hides: 'at once', isFoundBy: 'name', byAction: 'never', needsRecordOfDrop: true },
  },
  rows: {
    ...inDatabase,
    ...{ field: 'table', plural: 'rows', savedUnit: 'row' },
    ...{ hides: 'in batches', isFoundBy: 'condition', byAction: 'never', needsRecordOfDrop: true },
  },
  partition: {
    ...inDatabase,
    ...{ field: 'partition', plural: 'partitions', savedUnit: 'row' },
    ...{ hides: 'in two steps', isFoundBy: 'name', byAction: 'never', needsRecordOfDrop: true },
  },
  index: {
    ...{ isInDatabase: true, hasValues: false, canBeRestored: true },
    ...{ field: 'index', plural: 'indexes', savedUnit: 'row' },
    ...{ hides: 'at once', isFoundBy: 'name', byAction: 'never', needsRecordOfDrop: true },
  },
  external: {
    ...{ isInDatabase: false, hasValues: false, canBeRestored: false },
    ...{ field: 'external', plural: 'external resources', savedUnit: 'row' },
    ...{ hides: 'by action', isFoundBy: 'action', byAction: 'everything', needsRecordOfDrop: true },
  },
} as const satisfies Record<Kind, Traits>;
