/** The change that staging carried was rolled back there, by the effects of a real rollback, until the old release served. */
export type RollbackRehearsal =
  | {
      /** That came back. */
      rows: number;
      /** Rows written since whose value is in no copy: they got an unusable one. */
      placeholders: number;
      tookMs: number;
    }
  | { notCovered: NotRehearsed };

/**
 * Why there was nothing to rehearse with: the plan restores nothing; the settings have no action that deploys the old
 * release; staging carried the change of an earlier rollout without a proven backup; staging holds no value that goes.
 */
export type NotRehearsed = 'restore: none' | 'no deploy action' | 'no proven backup' | 'no values';
