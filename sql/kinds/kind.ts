import type { ColumnRemoval, DatabaseRemoval, ValueRemoval } from '../../contract/plan/removal';
import type { Known } from '../fill';
import type { Equalities } from '../condition';
import type { Statement } from '../statement';

/** What is done to something that goes, one step after the other: the same verbs in the same order for each kind. Pure. */
export interface SqlKind<R extends DatabaseRemoval> {
  /** As it is named while it is hidden. */
  hidden: (removal: R) => R;
  /** How tables are locked while it gets another name. Absent: against everybody; this one, against changes of the schema alone. */
  namingLock?: 'share update exclusive';
  /** In one transaction with all others. */
  hide: (removal: R) => Statement[];
  /** The way back of {@link hide}. */
  unhide: (all: readonly R[]) => Statement[];
  /** Hiding and freeze ended by hand; `columns`: by place, those that can be written. */
  undoRemoval: (all: readonly R[], columns: ReadonlyMap<string, readonly string[]>) => Statement[];
  /** What is hidden is gone, and its freeze before. */
  drop: (all: readonly R[]) => Statement[];
  /** The same for what a rollback has built and not finished, or not even built: it has its own name. */
  dropRestored: (all: readonly R[], equalities: Equalities) => Statement[];
}

/** The same of a kind with values, which are kept. */
export interface ValueSqlKind<R extends ValueRemoval> extends SqlKind<R> {
  /** Asks whether it is there: one row, `yes`. Absent where its name tells that. */
  find?: (removal: R, equalities: Equalities) => string;
  /** Names of the triggers that freeze it, on its table. */
  freezeTriggers: (removal: R) => string[];
  /** Whether these triggers go along with its table, when that gets another name. */
  movesWithTable: boolean;
  /** `id` names this freeze. */
  freeze: (removal: R, id: string, equalities: Equalities) => Statement[];
  /** After {@link hide}, again and again, where it is done in batches; `freeze` lets its own rollout pass. Otherwise nothing. */
  moveOut: (all: readonly R[], freeze: string, equalities: Equalities) => Statement[];
  /** Condition, while it is hidden: there is a value to keep. */
  hasValueHidden: (removal: R) => string;
  /** One `FillForecast`: what a rollback would give back and lose. */
  forecast: (all: readonly R[], from: ForecastFrom) => string;
}

/** What a forecast is made from. */
export interface ForecastFrom {
  known: Known;
  /** The plan's. */
  proof: string | undefined;
  /** An earlier attempt may have given rows back already, which are no others. */
  isGuarded: boolean;
  /** The type that a column had. */
  typeOf: (removal: ColumnRemoval) => string;
}
