import { randomUUID } from 'node:crypto';
import { approvalCode } from '../../../activities/decisions/approval-code';
import { createOpenGate, type GateDeps } from '../../../activities/approval/open-gate';
import { keepPlan } from '../../../activities/statements/known-plan';
import type { StartEvent } from '../../../adapters/start-event';
import { digestOf } from '../../../contract/text/digest';
import type { Environment } from '../../../activities/environment/environment';
import { bindTo, type Electorate } from '../../../activities/decisions/voters';
import type { Gate, Granted, OpenGate, Purpose, Run, Vote } from '../../../contract/run/decisions';
import type { Plan } from '../../../contract/plan/plan';
import type { GateEvidence } from '../../../contract/run/gate-evidence';
import type { SealedKeys } from '../../../contract/activities/effect-inputs';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { readIdentity } from '../../../adapters/server/identity';
import { keysEvidence } from '../looks/evidence';
import { electorate } from './sample-environment';

/** As if nobody had voted. */
export const withoutVotes = <T extends { decision?: Granted }>(order: T): T =>
  order.decision === undefined ? order : { ...order, decision: { ...order.decision, votes: [] } };

/** An open gate as the workflow hands it on, with the codes that its persons got. */
export interface Decided {
  /** As effects are given it; `gate` and `votes` are the same. */
  decision: Granted;
  gate: OpenGate;
  votes: Vote[];
  /** Code of each person that was told. */
  codes: Record<string, string>;
}

/** Opens a gate by the real activity, and votes with the codes that were sent. */
export async function decide(
  environment: Environment,
  { run, plan, planDigest }: { run: Run; plan: Plan; planDigest: string },
  asked: {
    name: string;
    purpose?: Purpose;
    needs?: Record<string, number>;
    voters?: string[];
    newKeys?: SealedKeys & { rollout: Run };
    /** Default: some of the first plan. */
    evidence?: GateEvidence;
    /** Of the order; absent = at any time. */
    notBefore?: string;
    /** Of the order; absent = it keeps to the policy's windows. */
    override?: string;
  } & Partial<Gate>,
  who: Electorate = electorate,
): Promise<Decided> {
  const { voters = ['anna', 'ben'], newKeys, evidence = keysEvidence, notBefore, override, ...rest } = asked;
  const told: string[] = [];
  const never = () => Promise.reject(new Error('expected nothing but codes'));
  const messenger = {
    send: async ({ name }: { name: string }) => (told.push(name), undefined),
    ...{ reply: never, update: never },
  };
  if (digestOf(plan) === planDigest) await keepPlan(environment, plan);
  const { shown: _, ...gate } = await createOpenGate({
    ...{ ...who, environment: () => environment, messenger },
    temporal: orderedBy({ ...(notBefore !== undefined && { notBefore }), ...(override !== undefined && { override }) }),
  })({
    gate: {
      ...run,
      purpose: 'approve',
      challenge: randomUUID(),
      planDigest,
      requesters: ['maria'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
      needs: { approver: 2 },
      ...rest,
    },
    evidence,
    ...(newKeys && { newKeys }),
  });
  const codes = await codesOf(environment, gate, told, who);
  const votes = voters.map((person) => ({ person, roles: [], code: codes[person] ?? '', at: gate.openedAt }));
  return { decision: { gate, votes }, gate, votes, codes };
}

/** A run of Rubicon as Temporal tells it, of which nothing runs; its order names Maria. */
export const orderedBy = (order: object = {}, event: Partial<StartEvent> = {}): GateDeps['temporal'] => ({
  describe: () => Promise.resolve(undefined),
  startEvent: () =>
    Promise.resolve({
      ...{ identity: '4711@host', firstRun: '', type: 'rollout', taskQueue: 'rubicon' },
      ...{ input: [{ plan: 'drop-plaintext-api-keys', requestedBy: 'maria', ...order }], ...event },
    }),
});

async function codesOf(
  environment: Environment,
  gate: OpenGate,
  told: string[],
  who: Electorate,
): Promise<Record<string, string>> {
  const postgres = openPostgres({ url: environment.postgresUrl, applicationName: 'rubicon test codes' });
  const { systemIdentifier } = await postgres.withClient(readIdentity);
  await postgres.close();
  const own = bindTo(who, systemIdentifier ?? '');
  return Object.fromEntries(told.map((person) => [person, approvalCode(own, gate, person)]));
}
