import { openPostgres, type Postgres, type PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { findPooler, readIdentity } from '../../adapters/server/identity';
import type { DatabaseIdentity } from '../../adapters/server/identity';
import { toMs } from '../../contract/text/duration';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { ServerCheck, ServerIdentity } from '../../contract/run/observed-state';
import { checkMarker } from '../state/check-marker';
import { checkMigrators } from './check-migrators';
import { checkRevision } from './check-revision';
import { checkRights } from './check-rights';
import { checkStandbys } from './check-standbys';
import { checkTransactions } from './check-transactions';
import { checkUpdates } from './check-updates';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { byStatements } from '../environment/remedies';
import type { Session } from '../environment/session';
import { checkRole } from './check-role';
import { checkSession } from './check-session';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Who answers behind the settings' URL, and may this role change it now. Guards against the wrong server, the wrong
 * revision, a pooler that tears transactions apart, and locks that would never be won. Reads only.
 */
export function createCheckServer({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'checkServer'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = find(input.target);
      const { target, name, postgresUrl: url } = environment;
      const postgres = openPostgres({ url, applicationName: `rubicon ${target} ${name} server`.slice(0, 63) });
      try {
        const look = (client: PostgresClient) => lookAtServer({ client, environment }, postgres, input);
        return await postgres.withClient(look, signal);
      } finally {
        await postgres.close();
      }
    });
}

async function lookAtServer(
  session: Omit<Session, 'signal'>,
  postgres: Postgres,
  plan: Pick<Plan, 'removes' | 'revision' | 'byAction'> & { longTransaction: string },
): Promise<ServerCheck> {
  const { client, environment } = session;
  const identity = await readIdentity(client);
  const { finding: revision, carriesChange } = await checkRevision(session, plan);
  const findings = [
    await checkMarker(session),
    ...judge(identity, await readRoleName(client)),
    await checkPooler(postgres),
    revision,
    ...(await checkMigrators(client, plan)),
    ...(await checkTransactions(client, toMs(plan.longTransaction))),
    ...(await checkStandbys(client, toMs(plan.longTransaction))),
    await checkRole(client, environment.superuser ?? 'warn'),
    ...(await checkRights(client, plan)),
    ...(await checkUpdates(client, plan)),
    ...(await checkSession(client)),
  ];
  const known = identityOf(identity);
  return { findings, carriesChange, ...(known && { identity: known }) };
}

/** Undefined where the role may not know it: then nothing could be bound to this server. */
export function identityOf(found: DatabaseIdentity): ServerIdentity | undefined {
  const { systemIdentifier, timeline, databaseName: database, databaseOid, version } = found;
  if (systemIdentifier === null || timeline === null) return undefined;
  return { systemIdentifier, database, databaseOid, timeline, version };
}

/** Oldest version whose rights and settings our statements use. */
const oldestMajor = 15;
const clockLimitMs = 30_000;

/** What any rollout needs of a server, whatever its plan. `role`: this one, quoted where needed. */
export function judge(found: DatabaseIdentity, role: string): Finding[] {
  const { systemIdentifier, timeline, primary, version, versionNumber, clockAheadMs } = found;
  const known = identityOf(found) !== undefined;
  return [
    finding('server identity', known ? true : 'unknown', {
      expected: 'system identifier and timeline, to bind approvals to this server',
      found: `${systemIdentifier ?? 'no right to read the identifier'}, timeline ${timeline ?? 'not readable'}`,
      ...byStatements([`grant execute on function pg_control_system(), pg_control_checkpoint() to ${role}`], ''),
    }),
    finding('primary', primary, {
      expected: 'a primary',
      found: primary ? 'a primary' : 'a standby',
      remedy: "the settings' URL must lead to the primary",
    }),
    finding('server version', versionNumber >= oldestMajor * 10_000, {
      expected: `PostgreSQL ${oldestMajor} or newer`,
      found: version,
      remedy: 'this version is not supported: update the server first',
    }),
    finding('server clock', Math.abs(clockAheadMs) <= clockLimitMs, {
      expected: `within ${clockLimitMs / 1_000} s of the worker's`,
      found: `${Math.round(clockAheadMs / 1_000)} s ahead`,
      remedy: 'set the clocks: approvals expire by the clock of the server',
    }),
  ];
}

/** Whether each connection is a session of its own. */
export async function checkPooler(postgres: Postgres): Promise<Finding> {
  const pooler = await findPooler(postgres);
  const outcome = pooler === 'unknown' ? 'unknown' : pooler !== 'transaction';
  return finding('connection', outcome, {
    expected: 'a session of its own for each connection',
    found: pooler === 'none' ? 'no pooler' : `a pooler (${pooler})`,
    remedy: 'give the worker a URL that leads past the pooler: locks and limits mean nothing behind it',
  });
}
