import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readSessionDefaults, type SessionDefaults } from '../../adapters/server/session-defaults';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { quoted } from '../../sql/quoted-statement';
import { checkServerLog, serverLogSettings } from './check-server-log';

/**
 * What is set for the worker's role or for the database, and would stop an effect half-way: the gate opens, people approve,
 * and then nothing may be written. What only changes how statements read or how long they may take, each session of ours
 * sets for itself.
 */
export async function checkSession(client: PostgresClient): Promise<Finding[]> {
  const names = [...serverLogSettings, 'default_transaction_read_only', 'session_replication_role', 'search_path'];
  const defaults = await readSessionDefaults(client, names);
  return [
    checkWriting(defaults),
    checkTriggersFire(defaults),
    checkSearchPath(defaults),
    checkLimits(defaults),
    ...checkPassword(defaults),
    ...checkServerLog(defaults),
  ];
}

/** For this role in this database alone: whoever has set it may have meant everybody else. It wins over both others. */
function settingFor(
  { role, database, fromConnection }: SessionDefaults,
  name: string,
  value: string,
): Pick<Finding, 'remedySql'> & { remedy: string } {
  const sql = `alter role ${role} in database ${database} set ${name} = ${value}`;
  if (!fromConnection.includes(name))
    return { remedy: `${quoted(sql)}, then start the rollout again`, remedySql: [sql] };
  const remedy = `take ${name} out of the connection (options of the settings' URL, or PGOPTIONS of the worker)`;
  return { remedy: `${remedy}, start the worker again, then the rollout` };
}

function checkWriting(defaults: SessionDefaults): Finding {
  const readOnly = defaults.settings.default_transaction_read_only;
  return finding('transactions of the worker', readOnly === 'off', {
    expected: 'default_transaction_read_only = off for its role in this database',
    found: readOnly === 'off' ? 'off' : `${readOnly ?? 'not readable'}: whatever the rollout writes would be refused`,
    ...settingFor(defaults, 'default_transaction_read_only', 'off'),
  });
}

function checkTriggersFire(defaults: SessionDefaults): Finding {
  const role = defaults.settings.session_replication_role;
  return finding('triggers in sessions of the worker', role === 'origin', {
    expected: 'session_replication_role = origin for its role in this database',
    found: `${role ?? 'not readable'}${role === 'origin' ? '' : ': no foreign key would hold for what it writes'}`,
    ...settingFor(defaults, 'session_replication_role', 'origin'),
  });
}

/** Without being named the system's schema comes first. */
function checkSearchPath(defaults: SessionDefaults): Finding {
  const path = defaults.settings.search_path ?? '';
  const schemas = path.split(',').map((part) => part.trim().replaceAll('"', ''));
  const others = schemas.filter((schema) => schema !== 'pg_catalog').map((schema) => `"${schema}"`);
  return finding('names in sessions of the worker', schemas.indexOf('pg_catalog') <= 0, {
    expected: "the system's schema first in the search path of its role",
    found: path === '' ? 'an empty path' : path,
    ...settingFor(defaults, 'search_path', others.join(', ')),
  });
}

/** Looks of preflight at once, some with two sessions; a backup and its proof need fewer. */
const sessionsNeeded = 10;

function checkLimits({ role, database, roleLimit, databaseLimit, databaseSessions }: SessionDefaults): Finding {
  const free = databaseLimit === null ? Infinity : databaseLimit - databaseSessions;
  const byRole = roleLimit !== null && roleLimit < sessionsNeeded;
  const byDatabase = free < sessionsNeeded;
  const sql = [
    ...(byRole ? [`alter role ${role} connection limit ${sessionsNeeded}`] : []),
    ...(byDatabase ? [`alter database ${database} connection limit ${databaseSessions + 2 * sessionsNeeded}`] : []),
  ];
  const found = [
    ...(byRole ? [`a limit of ${roleLimit} for the role`] : []),
    ...(byDatabase ? [`${Math.max(0, free)} left of the ${databaseLimit} of the database`] : []),
  ];
  return finding('sessions of the worker', sql.length === 0, {
    expected: `room for ${sessionsNeeded} at once`,
    found: found.join(', ') || 'enough',
    remedy: `${quoted(...sql)}, then start the rollout again`,
    remedySql: sql,
  });
}

const dayMs = 86_400_000;

const dayAfter = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);

/** A rollout takes a day or two until the drop, a week with its aftercare. */
function checkPassword({ role, passwordUntil }: SessionDefaults): Finding[] {
  if (passwordUntil === null) return [];
  const days = (Date.parse(passwordUntil) - Date.now()) / dayMs;
  if (days > 14) return [];
  const facts = {
    check: 'password of the worker',
    expected: 'good for two weeks: soak, approval, change and aftercare',
    found: `until ${passwordUntil}`,
    remedy: `${quoted(`alter role ${role} valid until '${dayAfter(30)}'`)}, or renew it as you usually do: without it neither drop nor rollback can log in`,
  };
  return [{ ...facts, status: days > 3 ? 'not covered' : 'failed' }];
}
