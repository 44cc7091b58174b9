/**
 * Statements about the rows of `rubicon.trial`: since when a run has what it removes out of sight, and how much of that time was
 * watched, by samples that the worker of this environment has taken. Values are parameters.
 */

/** `$1` workflow id, `$2` first run. In the transaction that hides: what was seen before counts no more. */
export const beginTrial = `insert into rubicon.trial (workflow_id, first_run) values ($1, $2)
on conflict (workflow_id, first_run) do update
  set hidden_at = excluded.hidden_at, position = null, seen_at = null, seen = '0', unhealthy = 0`;

/** `$1` workflow id, `$2` first run. Of what was hidden already: begun then, or, where nobody has noted it, now. */
export const keepTrial = `${beginTrial} where trial.hidden_at is null`;

/** `$1` workflow id, `$2` first run. In the transaction that puts it back. */
export const endTrial = 'update rubicon.trial set hidden_at = null where workflow_id = $1 and first_run = $2';

/** Where a run's last sample ended; none or one row. */
export interface TrialPosition<Position> {
  /** null = none was taken yet. */
  position: Position | null;
}

/** `$1` workflow id, `$2` first run. None or one {@link TrialPosition}. */
export const selectTrialPosition =
  'select position from rubicon.trial where workflow_id = $1 and first_run = $2 and hidden_at is not null';

/**
 * `$1` workflow id, `$2` first run, `$3` where the sample ended (jsonb), `$4` longest time that one sample stands for (ms), `$5` whether
 * it was green. Samples that follow each other quickly stand for no more than the time that has passed.
 */
export const noteSample = `update rubicon.trial set
  seen = seen + least(clock_timestamp() - coalesce(seen_at, hidden_at), $4::float8 * interval '1 ms'),
  seen_at = clock_timestamp(), position = $3::jsonb, unhealthy = unhealthy + case when $5::boolean then 0 else 1 end
 where workflow_id = $1 and first_run = $2 and hidden_at is not null`;

/** What a run's trial has shown, by the clock of the database. */
export interface Trial {
  hiddenMs: number;
  /** Time that its samples have seen. */
  seenMs: number;
  /** Samples that were not green. */
  unhealthy: number;
}

/** `$1` workflow id, `$2` first run. None or one {@link Trial}. */
export const selectTrial = `select extract(epoch from clock_timestamp() - hidden_at)::float8 * 1000 as "hiddenMs",
  extract(epoch from seen)::float8 * 1000 as "seenMs", unhealthy
 from rubicon.trial where workflow_id = $1 and first_run = $2 and hidden_at is not null`;
