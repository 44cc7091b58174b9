/**
 * Statements about the rows of `rubicon.maintenance`: each time that a rollout or rollback has turned it on in production. Values
 * are parameters.
 */

/**
 * `$1` workflow id, `$2` first run, `$3` longest time (ms), `$4` release that served before, or null. Nothing happens while one is open:
 * its deadline stays.
 */
export const beginMaintenance = `insert into rubicon.maintenance (workflow_id, first_run, deadline_at, served)
values ($1, $2, clock_timestamp() + $3::float8 * interval '1 ms', $4) on conflict (open) where ended_at is null do nothing`;

/** A row of it that has not ended. */
export interface OpenMaintenance {
  workflowId: string;
  firstRun: string;
  /** Release that served before it went on; null = nothing told. */
  served: string | null;
  /** By the clock of the database: its deadline has passed. */
  isOverdue: boolean;
}

/** None or one {@link OpenMaintenance}. */
export const selectMaintenance = `select workflow_id as "workflowId", first_run as "firstRun", served,
  deadline_at < clock_timestamp() as "isOverdue" from rubicon.maintenance where ended_at is null`;

/** Once it is seen to be off. */
export const endMaintenance = 'update rubicon.maintenance set ended_at = clock_timestamp() where ended_at is null';
