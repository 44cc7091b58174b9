/**
 * Statements about the rows of `rubicon.dropped`: what a rollout has dropped, as its plan and the catalogue said it.
 * No value of a row is in there.
 */

/**
 * `$1` workflow id, `$2` first run, `$3` plan, `$4` captured columns (both jsonb). In the transaction of the drop. A
 * second drop of one rollout is staging's after its rehearsal: of the same columns, or the rehearsal had not ended.
 */
export const insertDropped = `insert into rubicon.dropped (workflow_id, first_run, plan, captured)
values ($1, $2, $3::jsonb, $4::jsonb) on conflict (workflow_id, first_run) do nothing`;

/** `$1` target, `$2` what a plan removes (jsonb): whether a rollout of ours has dropped just that. One row: `yes`. */
export const findSameDrop = `select exists (select from rubicon.dropped d join rubicon.rollout r using (workflow_id, first_run)
  where r.target = $1 and r.state = 'dropped' and d.plan -> 'removes' = $2::jsonb) as yes`;

/** `$1` workflow id, `$2` first run. None or one row: `plan`, `captured`. */
export const selectDropped = 'select plan, captured from rubicon.dropped where workflow_id = $1 and first_run = $2';

/** Of all rollouts. One `plan` a row. */
export const selectDroppedPlans = 'select plan from rubicon.dropped';
