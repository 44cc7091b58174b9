/** SQLSTATEs that our code names; PostgreSQL documentation, appendix A. */
export const sqlstate = {
  /** `lock_timeout` ran out: nothing was changed. */
  lockNotAvailable: '55P03',
  /** `statement_timeout`, or someone cancelled the statement. */
  queryCanceled: '57014',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  /** The role lacks a right. */
  insufficientPrivilege: '42501',
  /** A setting does not take this value on this platform. */
  invalidParameterValue: '22023',
  /** No such setting, type, role … */
  undefinedObject: '42704',
  undefinedTable: '42P01',
  undefinedFunction: '42883',
  /** `DROP COLUMN` would have to drop a view, policy, … as well. */
  dependentObjectsStillExist: '2BP01',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  /** A row or an index entry is too long, among others. */
  programLimitExceeded: '54000',
} as const;

/**
 * What the caller of an effect does about an error.
 *
 * - `retry`: nothing happened, and the next attempt may succeed.
 * - `probe`: it is not known whether it happened: look at the observed state before anything else.
 * - `hold`: nothing happened, and someone must fix the environment first.
 * - `abort`: nothing happened, and it never will: the plan and this database do not fit.
 */
export type Reaction = 'retry' | 'probe' | 'hold' | 'abort';

/** The one table: whole states first, then their classes (the first two characters). */
const reactions: Readonly<Record<string, Reaction>> = {
  [sqlstate.lockNotAvailable]: 'retry',
  [sqlstate.queryCanceled]: 'retry',
  [sqlstate.serializationFailure]: 'retry',
  [sqlstate.deadlockDetected]: 'retry',
  '40003': 'probe', // statement completion unknown
  '53300': 'retry', // too many connections
  '57P03': 'retry', // the server is starting or stopping; no session was opened
  '57P01': 'probe', // someone ended our session
  '57P02': 'probe', // another backend crashed, all were ended
  '57P05': 'probe', // idle session timeout
  '25P03': 'probe', // idle in transaction timeout: rolled back, but the session is gone
  [sqlstate.insufficientPrivilege]: 'hold',
  [sqlstate.dependentObjectsStillExist]: 'hold',
  '25006': 'hold', // read-only: a standby, or default_transaction_read_only
  '55006': 'hold', // object in use
  '08': 'probe', // connection exceptions
  '0A': 'abort', // feature not supported
  '22': 'abort', // data exceptions
  '23': 'abort', // constraints
  '28': 'hold', // the server does not let us in
  '3D': 'hold', // no such database
  '42': 'abort', // no such column, table, function; syntax
  '53': 'hold', // disk full, out of memory
  '58': 'hold', // system errors: I/O
  P0: 'abort', // raised by a function or trigger
  XX: 'hold', // corruption, internal errors
};

/**
 * How to react to an error with this SQLSTATE. Without one (a lost connection) it is `probe`; one that the table does
 * not know is `hold`, since no one has thought about it yet.
 */
export function reactionTo(state: string | undefined): Reaction {
  if (state === undefined) return 'probe';
  return reactions[state] ?? reactions[state.slice(0, 2)] ?? 'hold';
}
