import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Temporal } from '../../adapters/temporal';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import { canonicalJson } from '../../contract/text/canonical-json';
import type { Gate, OpenGate } from '../../contract/run/decisions';
import { codeKey, missingApprovals, stricter } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import type { GateActivities } from '../../contract/activities/gate-activities';
import { openRollout, readRollouts, reopenRollout, type RolloutRow } from '../../sql/state';
import { isOfRun } from '../environment/run-folders';
import { slackGate } from '../../report/slack/slack-gate';
import { codesOf } from '../decisions/approval-code';
import { sealDistribution } from './key-distribution';
import { systemIdentifierOf, withDatabase } from '../environment/database';
import type { CodeMessenger } from './code-messenger';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { knownPlan } from '../statements/known-plan';
import { readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';
import type { Person } from '../decisions/policy';
import { neededApprovals } from '../decisions/needed-approvals';
import { policyDigestOf, votersOf } from '../decisions/voters';
import type { Electorate } from '../decisions/voters';
import { noteGate, openedGate } from '../decisions/opened-gate';
import { judgeEvidence } from './sealed-evidence';
import { seenEvidence } from './seen-evidence';
import { authorsOf } from './requesters';
import { readOrder } from './seen-order';

/** What an opening needs: who may vote, the database that codes are bound to, how they are sent, and who ordered it. */
export interface GateDeps extends Electorate {
  environment: FindEnvironment;
  messenger: CodeMessenger;
  temporal: Pick<Temporal, 'startEvent' | 'describe'>;
  /** Its messages have buttons: whoever clicks one is heard by a worker of production. Absent = codes are typed. */
  hasButtons?: boolean;
  /** Page of the namespace in Temporal UI, from the settings; absent = the message has no link. */
  temporalUi?: string | undefined;
}

/**
 * Opens a gate: freezes its evidence, and sends each eligible person their code. Guards against approvals of something
 * else than what was shown. A second run of one challenge sends nothing twice (the messages carry a key); a new opening
 * has a new challenge, and codes of the old one are worth nothing.
 *
 * @throws `WrongState` if this run was aborted, or stands open for other bytes; `NoOneNotified` if no quorum can be reached
 */
export function createOpenGate(deps: GateDeps): GateActivities['openGate'] {
  return ({ gate: asked, evidence: claimed, newKeys, receipts }) =>
    withHeartbeat(async () => {
      const environment = deps.environment(asked.target);
      if ((asked.purpose === 'receive') !== (newKeys !== undefined))
        throw permanent(
          'NotDecided',
          'expected new keys for the purpose "receive", and for no other; no code was sent',
        );
      const plan = await knownPlan(environment, { planDigest: asked.planDigest });
      const order = await readOrder(deps.temporal, deps.people, asked);
      const authors = order.isRollout ? authorsOf(plan, order) : [];
      const requesters = [...new Set([...asked.requesters, ...order.requesters, ...authors])].sort();
      const override = asked.name === 'production' && order.isRollout ? order.override : undefined;
      const shown = seenEvidence(deps, claimed, { asked, plan, override });
      const seals = environment.seals && judgeEvidence(environment.seals, { run: asked, plan, receipts }, shown);
      const evidence: GateEvidence = {
        ...shown,
        ...(order.isClaimed && { requesterIsClaimed: true }),
        ...(authors.length > 0 && { authors }),
        ...(seals && { seals }),
      };
      const { override: _, ...bound } = asked;
      const needs =
        asked.name === 'production' ? stricter(asked.needs, neededApprovals(deps.policy, plan, override)) : asked.needs;
      const gate: Gate = {
        ...{ ...bound, requesters, needs, evidenceDigest: digestOf(evidence) },
        ...(override !== undefined && { override }),
      };
      const policyDigest = policyDigestOf(deps);
      const systemIdentifier = await withDatabase(environment, 'gate', async (client) => {
        await withTransaction(client, {}, async () => {
          await requireRightServer({ client, environment });
          if (gate.name === 'production') {
            await requireAlone(client, deps, gate);
            await openRow(client, gate, policyDigest);
          }
          await noteGate(client, gate, order.notBefore);
          await requireSameGate(client, gate);
        });
        return systemIdentifierOf(client);
      });
      const { approvalKey } = deps;

      const told: string[] = [];
      const notTold: OpenGate['notTold'] = [];
      for (const person of eligible(deps, gate)) {
        const codes = codesOf({ approvalKey, policyDigest, systemIdentifier }, gate, person.name);
        const sealed = newKeys && (await sealDistribution(environment, { gate, newKeys, person, code: codes.code }));
        const given = sealed === undefined ? codes : { sealed };
        const message = slackGate({ gate, evidence, plan, ...given, hasButtons: deps.hasButtons === true });
        const because = await deps.messenger.send(person, codeKey(gate.challenge, person.name), message);
        if (because === undefined) told.push(person.name);
        else notTold.push({ person: person.name, because });
      }
      const reached = deps.people.filter(({ name }) => told.includes(name));
      const missing = missingApprovals(gate.needs, reached);
      if (missing.length > 0) throw nobodyTold(gate, missing, notTold);
      return { ...gate, openedAt: new Date().toISOString(), policyDigest, told, notTold, shown: evidence };
    });
}

/** What can't be sealed for somebody can't be received by them. */
const eligible = (deps: GateDeps, gate: Gate): Person[] =>
  votersOf(deps, gate).filter(({ recipient }) => gate.purpose !== 'receive' || recipient !== undefined);

/** Two rollouts never change one target, whatever has become of the lock that one of them holds in Temporal. */
async function requireAlone(client: PostgresClient, { temporal }: GateDeps, gate: Gate): Promise<void> {
  const { rows } = await client.query<RolloutRow>(readRollouts, [gate.target]);
  for (const { state, workflowId, firstRun } of rows) {
    if (state !== 'open' || isOfRun({ workflowId, firstRun }, gate)) continue;
    const found = await temporal.describe(workflowId);
    if (found?.open !== true || found.firstRun !== firstRun) continue;
    throw permanent(
      'WrongState',
      `expected no other rollout of ${gate.target} that may change production, found ${workflowId}; no code was sent; abort one of the two`,
    );
  }
}

/** The row that the drop will turn. A later opening finds it, with the same requesters, and brings it up to today's policy. */
async function openRow(client: PostgresClient, gate: Gate, policyDigest: string): Promise<void> {
  const { workflowId, firstRun, target, planDigest, requesters } = gate;
  await client.query(openRollout, [workflowId, firstRun, target, planDigest, policyDigest, requesters]);
  await client.query(reopenRollout, [workflowId, firstRun, policyDigest]);
  const row = await readRow(client, gate);
  const wanted = canonicalJson(['open', planDigest, policyDigest, [...requesters].sort()]);
  const is = row && canonicalJson([row.state, row.planDigest, row.policyDigest, [...row.requesters].sort()]);
  if (is === wanted) return;
  const found = row === undefined ? 'none' : `state "${row.state}", plan ${row.planDigest.slice(0, 12)}`;
  throw permanent(
    'WrongState',
    `expected the state row of this run to be open for plan ${planDigest.slice(0, 12)}, today's policy and people, found ${found}; start a new rollout`,
  );
}

/** A challenge is of one opening, whoever sends it again. */
async function requireSameGate(client: PostgresClient, gate: Gate): Promise<void> {
  const noted = await openedGate(client, gate, gate.challenge);
  if (noted !== undefined && canonicalJson(noted.gate) === canonicalJson(gate)) return;
  throw permanent(
    'WrongState',
    `expected a new challenge for "${gate.name}", found one of another opening; no code was sent; start a new rollout`,
  );
}

function nobodyTold(gate: Gate, missing: string[], notTold: OpenGate['notTold']): Error {
  const why = notTold.map(({ person, because }) => `${person}: ${because}`).join('; ') || 'no one else has the role';
  return permanent(
    'NoOneNotified',
    `expected to reach enough people for "${gate.name}", found ${missing.join(', ')} out of reach (${why}); fix it, then answer "retry"`,
    { notTold },
  );
}
