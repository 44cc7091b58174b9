import type { SessionDefaults } from '../../adapters/server/session-defaults';
import type { Finding } from '../../contract/run/findings';
import { quoted } from '../../sql/quoted-statement';

/** Settings that decide what the server writes into its own log, and libraries that add to it. */
export const serverLogSettings = [
  ...['log_statement', 'log_min_duration_statement', 'log_min_duration_sample', 'log_transaction_sample_rate'],
  ...['auto_explain.log_min_duration', 'pgaudit.log', 'shared_preload_libraries', 'session_preload_libraries'],
] as const;

/**
 * Whether statements are written into the server's log: those of the application hold what is removed, and stay there when
 * it is gone from the tables. Ours send values by COPY, which is not logged. Told, and stops nothing.
 */
export function checkServerLog({ settings, role }: SessionDefaults): Finding[] {
  const writes = serverLogSettings.filter((name) => holdsStatements(name, settings[name] ?? null));
  const found = writes.map((name) => `${name} = ${settings[name] ?? ''}`).join(', ');
  const facts = { check: "statements in the server's log", expected: 'none' };
  const log: Finding =
    found === ''
      ? { ...facts, status: 'passed', found: 'none by its settings' }
      : {
          ...{ ...facts, status: 'not covered', found },
          remedy:
            'what the application has written is in there for as long as it is kept: give it a date, like the backups',
          remains: [`the log of the PostgreSQL server (${found}): statements of the application`],
        };
  return [log, libraries(settings, role)];
}

function holdsStatements(name: (typeof serverLogSettings)[number], value: string | null): boolean {
  if (value === null) return false;
  switch (name) {
    case 'log_statement':
      return value === 'all' || value === 'mod';
    case 'log_min_duration_statement':
    case 'log_min_duration_sample':
    case 'auto_explain.log_min_duration':
      return Number(value) >= 0;
    case 'log_transaction_sample_rate':
      return Number(value) > 0;
    case 'pgaudit.log':
      return value !== '' && value !== 'none';
    case 'shared_preload_libraries':
    case 'session_preload_libraries':
      return false;
  }
}

/** Of these it is known that they refuse no statement of ours. */
const harmless = ['auto_explain', 'pgaudit', 'pg_stat_statements', 'pg_cron', 'pg_stat_monitor', 'pg_wait_sampling'];

/** A library can refuse, change or copy any statement. */
function libraries(
  { shared_preload_libraries: shared, session_preload_libraries: own }: SessionDefaults['settings'],
  role: string,
) {
  const facts = { check: 'libraries of the server', expected: 'none that refuses or copies statements' };
  if (shared == null || own == null) {
    const remedy = `${quoted(`grant pg_read_all_settings to ${role}`)}, or ask the database administrator`;
    return { ...facts, status: 'not covered' as const, found: 'this role may not see them', remedy };
  }
  const names = `${shared},${own}`.split(',').map((name) => name.trim().replaceAll('"', ''));
  const others = names.filter((name) => name !== '' && !harmless.includes(name));
  if (others.length === 0) return { ...facts, status: 'passed' as const, found: 'none of them' };
  const remedy = 'ask the database administrator what they do: they run with every statement of this rollout';
  return { ...facts, status: 'not covered' as const, found: others.join(', '), remedy };
}
