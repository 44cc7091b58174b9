/**
 * Statements about the rows of `rubicon.rollout` and `rubicon.challenge`. Values are parameters. Those that must
 * change a row change exactly one, or the world is not as the caller believes.
 */

/** `$1` workflow id, `$2` first run, `$3` target, `$4` plan digest, `$5` policy digest, `$6` requesters (text[]). */
export const openRollout = `insert into rubicon.rollout (workflow_id, first_run, target, plan_digest, policy_digest, requesters)
values ($1, $2, $3, $4, $5, $6::text[]) on conflict (workflow_id, first_run) do nothing`;

/** `$1` workflow id, `$2` first run, `$3` policy digest. For a new opening of its gate: what the worker's own settings say today. */
export const reopenRollout = `update rubicon.rollout set policy_digest = $3, changed_at = clock_timestamp()
 where workflow_id = $1 and first_run = $2 and state = 'open' and policy_digest <> $3`;

/** `$1` workflow id, `$2` first run. Staging alone: after its way back was rehearsed the same rollout goes forward again. */
export const openRehearsed = `update rubicon.rollout set state = 'open', changed_at = clock_timestamp()
 where workflow_id = $1 and first_run = $2 and state = 'rolled-back'`;

export type RolloutState = 'open' | 'dropped' | 'aborted' | 'rolled-back';

/** A row of `rubicon.rollout`: the state of one rollout. */
export interface RolloutRow {
  workflowId: string;
  /** See `Run` in the contract. */
  firstRun: string;
  target: string;
  planDigest: string;
  policyDigest: string;
  /** Persons who asked for it; none of them may vote. */
  requesters: string[];
  state: RolloutState;
  /** ISO. */
  changedAt: string;
}

const columns = `workflow_id as "workflowId", first_run as "firstRun", target, plan_digest as "planDigest",
  policy_digest as "policyDigest", requesters, state, to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "changedAt"`;

/** `$1` workflow id, `$2` first run. None or one {@link RolloutRow}. */
export const readRollout = `select ${columns} from rubicon.rollout where workflow_id = $1 and first_run = $2`;

/** The same, kept as it is until the end of the transaction: an abort waits for it, or came first. */
export const lockOpenRollout = `${readRollout} for share`;

/** `$1` target. Every {@link RolloutRow} of it, the latest first. */
export const readRollouts = `select ${columns} from rubicon.rollout where target = $1 order by changed_at desc`;

const turn = (from: RolloutState, to: RolloutState, and = ''): string =>
  `update rubicon.rollout set state = '${to}', changed_at = clock_timestamp()
 where workflow_id = $1 and first_run = $2 and state = '${from}'${and}`;

/** `$1` workflow id, `$2` first run, `$3` plan digest. In the transaction of the drop, before any DDL: one row, or no drop. */
export const turnDropped = turn('open', 'dropped', ' and plan_digest = $3');

/** `$1` workflow id, `$2` first run. Before an abort is acknowledged; no row = it was not open any more. */
export const turnAborted = turn('open', 'aborted');

/** `$1` workflow id, `$2` first run. In the last transaction of a rollback. */
export const turnRolledBack = turn('dropped', 'rolled-back');

/** `$1` challenge. One row the first time, none ever after. */
export const useChallenge = `insert into rubicon.challenge (challenge) values ($1) on conflict (challenge) do nothing`;

/** `$1` challenge. One row once it was used. */
export const findChallenge = 'select used_at from rubicon.challenge where challenge = $1';

/** The row of `rubicon.identity`; a copy of the database has it, too. */
export interface MarkerRow {
  environment: string;
  target: string;
  marker: string;
}

/** Which environment this database says it is: one {@link MarkerRow}. Fails with 42P01 where nothing is installed. */
export const readMarker = 'select environment, target, marker::text as marker from rubicon.identity';

/** `$1` names (text[]). Those of them, as `name`, that the schema `rubicon` has no table of. */
export const selectMissingTables = `select name from unnest($1::text[]) as name where to_regclass('rubicon.' || quote_ident(name)) is null`;

/** Changes nothing; its commit waits for the standby, as the server is set, and holds no lock that anybody waits for. */
export const touchRow = 'update rubicon.rollout set changed_at = changed_at where workflow_id = $1 and first_run = $2';
