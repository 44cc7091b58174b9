import type { KindStage } from '../stages/kind-stage';

/** Of the plan `strictRows`: all rows of its table. */
export const itemsOf = (at: KindStage) => at.query('select * from list_items order by list_id, item');

/** Whether the check that is not valid still isn't, and keeps its comment. */
export const openCheckOf = (at: KindStage) =>
  at.query(
    `select convalidated as valid, obj_description(oid, 'pg_constraint') as comment from pg_constraint where conname = 'open'`,
  );
