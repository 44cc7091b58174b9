/**
 * Statements about the rows of `rubicon.gate`: what each gate of production was opened for, as the production worker has seen it.
 * Effects read it from there, so nothing of it has to be believed. Values are parameters.
 */

/**
 * `$1` challenge, `$2` workflow id, `$3` first run, `$4` the gate (jsonb), `$5` not before (timestamptz, or null). Nothing happens
 * where this challenge has one.
 */
export const insertGate = `insert into rubicon.gate (challenge, workflow_id, first_run, gate, not_before)
values ($1, $2, $3, $4::jsonb, $5::timestamptz) on conflict (challenge) do nothing`;

/** `$1` challenge, `$2` workflow id, `$3` first run, `$4` name of the gate. A new opening makes the codes of all earlier ones worthless, also of those that nobody has closed. */
export const useEarlierChallenges = `insert into rubicon.challenge (challenge)
select challenge from rubicon.gate where workflow_id = $2 and first_run = $3 and gate ->> 'name' = $4 and challenge <> $1
 on conflict (challenge) do nothing`;

/** A row of `rubicon.gate`. */
export interface GateRow<Gate> {
  gate: Gate;
  /** ISO; null = the order named no such instant. */
  notBefore: string | null;
  /** By the clock of the database: that instant has not come yet. */
  isEarly: boolean;
}

/** `$1` challenge, `$2` workflow id, `$3` first run. None or one {@link GateRow}. */
export const selectGate = `select gate,
  to_char(not_before at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "notBefore",
  coalesce(not_before > clock_timestamp(), false) as "isEarly"
 from rubicon.gate where challenge = $1 and workflow_id = $2 and first_run = $3`;
