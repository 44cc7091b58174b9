/**
 * Statements about the rows of `rubicon.receipt`: the seals of what a worker has seen and done for a run, in their order. Values are
 * parameters; of all `$1` is the workflow id and `$2` the first run.
 */

/** Until the end of the transaction nobody else continues this chain. */
export const lockReceipts = `select pg_advisory_xact_lock(hashtextextended('rubicon receipt ' || $1 || ' ' || $2, 0))`;

/** A row of it. */
export interface ReceiptRow<Seal> {
  seal: Seal;
}

/** None or one {@link ReceiptRow}: the newest. */
export const selectLastReceipt = `select seal from rubicon.receipt where workflow_id = $1 and first_run = $2
 order by number desc limit 1`;

/** `$3` number, `$4` the seal (jsonb). */
export const insertReceipt =
  'insert into rubicon.receipt (workflow_id, first_run, number, seal) values ($1, $2, $3, $4::jsonb)';

/** `$3` step. Every {@link ReceiptRow} of it, in their order. */
export const selectReceiptsOf = `select seal from rubicon.receipt where workflow_id = $1 and first_run = $2 and seal->>'step' = $3
 order by number`;
