import { openPostgres, type Postgres, type PostgresClient } from '../../adapters/postgres/postgres';
import { readEncoding } from '../../adapters/server/encoding';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { readIdentity } from '../../adapters/server/identity';
import { readBackupBytes } from '../../adapters/server/size';
import { readEncryption } from '../../adapters/server/encryption';
import { readRoleName } from '../../adapters/server/role-name';
import { finding, type Finding } from '../../contract/run/findings';
import { parseTableName } from '../../contract/text/object-name';
import { checkMarker } from '../state/check-marker';
import { checkStandingRights } from '../server-checks/check-standing-rights';
import { checkPooler, judge } from '../server-checks/check-server';
import type { Session } from '../environment/session';
import { checkRole } from '../server-checks/check-role';
import { checkSession } from '../server-checks/check-session';

/** What other parts are judged by. */
export interface DatabaseFacts {
  findings: Finding[];
  /** Of the server, such as 16; absent = it did not answer. */
  major?: number;
  /** What a backup holds; absent = not known. */
  dataBytes?: number;
}

/**
 * Who answers behind the URL, and whether this role may do there what any plan needs. Guards against learning it from the
 * first rollout. Reads only; what depends on a plan (owners, tables, space) is left to preflight.
 */
export async function tryDatabase({ environment, signal }: Omit<Session, 'client'>): Promise<DatabaseFacts> {
  const { target, name, postgresUrl: url } = environment;
  const postgres = openPostgres({ url, applicationName: `rubicon ${target} ${name} connect`.slice(0, 63) });
  try {
    return await postgres.withClient((client) => look({ client, environment }, postgres), signal);
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return { findings: [notConnected(error)] };
  } finally {
    await postgres.close();
  }
}

const notConnected = ({ message, sqlstate }: PostgresError): Finding =>
  // A server that says no has been found: the settings are wrong, or its are.
  finding('connection', sqlstate === undefined ? 'unknown' : false, {
    expected: 'a session in the database of the settings',
    found: message,
    remedy: 'correct the URL (host, port, database, role, password), or let this machine in (pg_hba.conf, network)',
  });

async function look(session: Omit<Session, 'signal'>, postgres: Postgres): Promise<DatabaseFacts> {
  const { client, environment } = session;
  const identity = await readIdentity(client);
  const { databaseName, user, version, versionNumber } = identity;
  const scope = Array.isArray(environment.backupScope) ? environment.backupScope.map(parseTableName) : undefined;
  const isOfPlan = environment.backupScope === 'tables';
  return {
    major: Math.floor(versionNumber / 10_000),
    ...(!isOfPlan && { dataBytes: await readBackupBytes(client, scope) }),
    findings: [
      finding('database', true, {
        expected: 'a session',
        found: `"${databaseName}" as ${user}, PostgreSQL ${version}`,
        remedy: '',
      }),
      await checkMarker(session),
      await checkPooler(postgres),
      await checkEncryption(client),
      await checkEncoding(client),
      ...judge(identity, await readRoleName(client)),
      await checkRole(client, environment.superuser ?? 'warn'),
      ...(await checkStandingRights(client)),
      ...(await checkSession(client)),
    ],
  };
}

async function checkEncoding(client: PostgresClient): Promise<Finding> {
  const encoding = await readEncoding(client);
  const facts = {
    check: 'encoding',
    expected: 'UTF8',
    found: encoding,
  };
  if (encoding === 'UTF8') return { ...facts, status: 'passed' };
  const remedy = "preflight reads the texts of a plan's tables, and names those that UTF-8 can't show";
  return { ...facts, status: 'not covered', remedy };
}

async function checkEncryption(client: PostgresClient): Promise<Finding> {
  const { encrypted, version, isLocal } = await readEncryption(client);
  const facts = { check: 'encryption', expected: 'TLS, or a server on this machine' };
  if (encrypted) return { ...facts, status: 'passed', found: version ?? 'TLS' };
  if (isLocal) return { ...facts, status: 'passed', found: 'none needed: the server is on this machine' };
  const remedy = 'add sslmode=verify-full to the URL: passwords and what is backed up cross the network in clear';
  return { ...facts, status: 'not covered', found: 'none', remedy };
}
