import { PostgresError } from './postgres-error';
import { sqlstate } from './sqlstate';

/**
 * Settings of a role or a database that would change what our statements do, or end them half-way. Each session has the
 * same ones. Not among them: whether it may write, and what it must not see; preflight asks a person about these.
 */
const ownSettings: Readonly<Record<string, string>> = {
  // A policy makes a count fail instead of making it too small.
  row_security: 'off',
  // Limits that are set for people and applications; ours are set by statement and transaction.
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0', // since PostgreSQL 17
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Values as text are the same in all our sessions.
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD', // 01/02/2026 is ambiguous: it is refused
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  // What is written means the same, and what is printed reads the same.
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  array_nulls: 'on',
  quote_all_identifiers: 'off',
  // A rollback builds in the place that was captured.
  default_tablespace: '',
  // Compiling a look at the catalogue takes seconds where a setting such as `enable_seqscan = off` makes it seem dear.
  jit: 'off',
};

/**
 * To be done first in each session, by what runs a statement of it.
 *
 * @param statementTimeoutMs 0 = none
 * @throws PostgresError
 */
export async function setUp(
  run: (sql: string, parameters?: readonly unknown[]) => Promise<unknown>,
  statementTimeoutMs: number,
): Promise<void> {
  const own = { statement_timeout: `${statementTimeoutMs}ms`, ...ownSettings };
  await run(
    `select pg_catalog.set_config(name, value, false) from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as own (name, value)
      where pg_catalog.current_setting(name, true) is not null`,
    [Object.keys(own), Object.values(own)],
  );
  // What has been acknowledged (a state row, a drop) is there after a crash of the server, too.
  await run(
    `select pg_catalog.set_config('synchronous_commit', 'on', false)
      where pg_catalog.current_setting('synchronous_commit') operator(pg_catalog.=) 'off'`,
  );
  try {
    // The server notices within this time that its client is gone, also while it waits for a lock.
    await run(`set client_connection_check_interval = '500ms'`);
  } catch (error) {
    const missing: unknown[] = [sqlstate.invalidParameterValue, sqlstate.undefinedObject]; // platform, version
    if (!(error instanceof PostgresError) || !missing.includes(error.sqlstate)) throw error;
  }
}
