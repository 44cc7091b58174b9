/** Statements about the rows of `rubicon.hold`: whether a rollout of production is on hold. Values are parameters. */

/** `$1` workflow id, `$2` first run, `$3` reason. A hold that is noted already goes on since then. */
export const beginHold = `insert into rubicon.hold (workflow_id, first_run, reason) values ($1, $2, $3)
on conflict (workflow_id, first_run) do update set reason = $3, since = coalesce(hold.since, clock_timestamp())`;

/** `$1` workflow id, `$2` first run. */
export const endHold = 'update rubicon.hold set since = null where workflow_id = $1 and first_run = $2';

/** A hold that has not ended. */
export interface Hold {
  reason: string;
  /** ISO. */
  since: string;
}

/** `$1` workflow id, `$2` first run. None or one {@link Hold}. */
export const selectHold = `select reason, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
  from rubicon.hold where workflow_id = $1 and first_run = $2 and since is not null`;
